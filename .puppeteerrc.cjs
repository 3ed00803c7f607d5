// The browser comes from the machine or from @sparticuz/chromium (headless/find-browser.ts): an install downloads none.
module.exports = { skipDownload: true };
