#!/usr/bin/env node
// The command, which exists before the first build: npm links only commands that exist when it installs.
import "./dist/cli.mjs";
