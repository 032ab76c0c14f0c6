// Opens each status page in Chromium, in light and dark mode on a desktop screen, and on a phone.
// Takes a screenshot of each and checks its accessibility with axe-core. Fails if axe-core reports a
// violation, if a page is wider than the screen or too large, or if the browser logs anything to its
// console. Also checks that a page refreshes itself.
//
// Usage: node look.js CHROMIUM PICTURES < "NAME ADDRESS" lines
'use strict';

const fs = require('fs');
const path = require('path');
const puppeteer = require('puppeteer-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const views = [
  {name: 'light', width: 1280, height: 900, scheme: 'light'},
  {name: 'dark', width: 1280, height: 900, scheme: 'dark'},
  {name: 'phone', width: 360, height: 740, scheme: 'light', isMobile: true},
];
// The height at which a screenshot is cut, and the maximum size of a page before compression.
const mostPixels = 4000;
const mostBytes = 3 << 20;
// Milliseconds that the browser may take for each of its steps on a busy machine.
const patience = 120000;
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function look(page, view, sample, pictures) {
  const faults = [];
  const said = [];
  page.on('console', message => said.push(message.text()));
  page.on('pageerror', error => said.push(String(error)));
  const {width, height, isMobile} = view;
  await page.setViewport({width, height, isMobile: Boolean(isMobile), deviceScaleFactor: isMobile ? 2 : 1});
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: view.scheme}]);
  const answer = await page.goto(sample.address, {waitUntil: 'load'});
  const expected = sample.name === 'not-found' ? 404 : 200;
  if (answer.status() !== expected) faults.push(`answered with ${answer.status()}`);
  const bytes = (await answer.buffer()).length;
  if (bytes > mostBytes) faults.push(`has ${bytes} bytes`);
  // The browser also logs a 404 to the console.
  const unexpected = said.filter(text => expected !== 404 || !text.includes('404'));
  faults.push(...unexpected.map(text => `logs to the console: ${text}`));

  const content = await page.evaluate(() => document.documentElement.scrollWidth);
  if (content > width) faults.push(`is ${content} pixels wide`);
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.screenshot({
    path: path.join(pictures, `${sample.name}-${view.name}.png`),
    clip: {x: 0, y: 0, width, height: Math.min(tall, mostPixels)},
    captureBeyondViewport: true,
  });

  // In an isolated world, to which the page's Content-Security-Policy does not apply.
  const found = await page.mainFrame().isolatedRealm().evaluate(
      `${axe}; axe.run(document, {runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations']})`);
  for (const violation of found.violations) {
    for (const node of violation.nodes.slice(0, 3)) {
      faults.push(`${violation.id}: ${violation.help}: ${node.html.slice(0, 160)} (${node.failureSummary})`);
    }
  }
  return {faults, bytes};
}

// Checks that the page refreshes itself, keeps unfolded sections and the focus, and says when the
// server does not answer.
async function watchRefresh(page, address) {
  // Timers run 300 times as fast, so the page does not wait 15 seconds between refreshes.
  await page.evaluateOnNewDocument(() => {
    const wait = window.setTimeout;
    window.setTimeout = (call, milliseconds) => wait(call, milliseconds / 300);
  });
  await page.goto(address, {waitUntil: 'load'});
  await page.evaluate(() => {
    document.querySelector('main').dataset.old = 'yes';
    const folded = document.querySelector('details:not([open])');
    folded.open = true;
    folded.querySelector('summary').focus();
    window.unfolded = folded.id;
  });
  await page.waitForFunction(() => !document.querySelector('main').dataset.old);
  const faults = await page.evaluate(() => [
    ...(document.getElementById(window.unfolded).open ? [] : ['a refresh folds an unfolded section']),
    ...(document.activeElement.parentElement.id === window.unfolded ? [] : ['a refresh loses the focus']),
    ...(document.getElementById('stale').hidden ? [] : ['a refresh says that the server does not answer']),
  ]);
  await page.setOfflineMode(true);
  await page.waitForFunction(() => !document.getElementById('stale').hidden);
  await page.setOfflineMode(false);
  await page.waitForFunction(() => document.getElementById('stale').hidden);
  return faults;
}

async function newPage(browser) {
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  return page;
}

async function main() {
  const [chromium, pictures] = process.argv.slice(2);
  const samples = fs.readFileSync(0, 'utf8').trim().split('\n').map(line => {
    const [name, address] = line.split(' ');
    return {name, address};
  });
  // Tests run as root in containers, in which Chromium's sandbox does not work.
  const browser = await puppeteer.launch({
    executablePath: chromium,
    timeout: patience,
    protocolTimeout: 2 * patience,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
  });
  let failed = 0;
  for (const sample of samples) {
    for (const view of views) {
      const page = await newPage(browser);
      const {faults, bytes} = await look(page, view, sample, pictures);
      await page.close();
      console.log(`${faults.length ? 'FAILED' : 'ok    '}  ${sample.name}, ${view.name}: ${bytes} bytes`);
      for (const fault of faults) console.log(`  | ${fault.replace(/\n/g, '\n  | ')}`);
      failed += faults.length ? 1 : 0;
    }
  }
  const page = await newPage(browser);
  const saturating = samples.find(sample => sample.name === 'saturating');
  for (const fault of await watchRefresh(page, saturating.address)) {
    console.log(`FAILED  ${fault}`);
    failed += 1;
  }
  await browser.close();
  process.exitCode = failed ? 1 : 0;
}

main().catch(error => {
  console.error(error);
  process.exit(1); // this also ends the browser
});
