exports.greeting = "hello from elsewhere";
