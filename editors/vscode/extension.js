// Starts the language server of boundgen for model files, and ends it with the editor.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function activate() {
  const [command, ...args] = workspace.getConfiguration("boundgen").get("command");
  client = new LanguageClient(
    "boundgen",
    "boundgen",
    { command, args },
    { documentSelector: [{ language: "bounds" }] },
  );
  return client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
