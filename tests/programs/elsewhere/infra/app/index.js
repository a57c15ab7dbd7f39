exports.handler = async () => "from the archive";
