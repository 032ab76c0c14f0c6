// Opens each page in Chromium as people do: on a desk in the light and in the dark, and on a phone.
// Takes a picture of each, has axe-core look for what keeps people out, and fails where it finds
// something, where the page is wider than the screen, or where the browser says anything at its console.
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
// What a picture is cut to, and what a page of many models or layers may be, before it is compressed.
const mostPixels = 4000;
const mostBytes = 3 << 20;
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
  // A 404 is told at the console, too.
  const unexpected = said.filter(text => expected !== 404 || !text.includes('404'));
  faults.push(...unexpected.map(text => `the console says: ${text}`));

  const content = await page.evaluate(() => document.documentElement.scrollWidth);
  if (content > width) faults.push(`is ${content} pixels wide`);
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.screenshot({
    path: path.join(pictures, `${sample.name}-${view.name}.png`),
    clip: {x: 0, y: 0, width, height: Math.min(tall, mostPixels)},
    captureBeyondViewport: true,
  });

  // In a world of its own, which the page's policy does not bind.
  const found = await page.mainFrame().isolatedRealm().evaluate(
      `${axe}; axe.run(document, {runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations']})`);
  for (const violation of found.violations) {
    for (const node of violation.nodes.slice(0, 3)) {
      faults.push(`${violation.id}: ${violation.help}: ${node.html.slice(0, 160)} (${node.failureSummary})`);
    }
  }
  return {faults, bytes};
}

async function main() {
  const [chromium, pictures] = process.argv.slice(2);
  const samples = fs.readFileSync(0, 'utf8').trim().split('\n').map(line => {
    const [name, address] = line.split(' ');
    return {name, address};
  });
  // Tests run as root in containers, where Chromium's sandbox is not to be had.
  const browser = await puppeteer.launch({
    executablePath: chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
  });
  let failed = 0;
  for (const sample of samples) {
    for (const view of views) {
      const page = await browser.newPage();
      const {faults, bytes} = await look(page, view, sample, pictures);
      await page.close();
      console.log(`${faults.length ? 'FAILED' : 'ok    '}  ${sample.name}, ${view.name}: ${bytes} bytes`);
      for (const fault of faults) console.log(`  | ${fault.replace(/\n/g, '\n  | ')}`);
      failed += faults.length ? 1 : 0;
    }
  }
  await browser.close();
  process.exitCode = failed ? 1 : 0;
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
