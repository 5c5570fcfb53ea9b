/**
 * Looks at every page of the built site in a real Chromium: light, dark, and as narrow as a phone. It fails on a message in
 * the console, a request that fails, a picture that does not load, an anchor that leads nowhere, and a page that is
 * wider than its window.
 *
 *   npm run look -- [--shots FOLDER] [--only /START-OF-PATH]     CHROMIUM: the program, if it is not /usr/bin/chromium
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'

const dist = join(import.meta.dirname, '.vitepress/dist')
const { values } = parseArgs({ options: { shots: { type: 'string' }, only: { type: 'string' } } })

const views = [
  { name: 'light', width: 1280, colorScheme: 'light' },
  { name: 'dark', width: 1280, colorScheme: 'dark' },
  { name: 'phone', width: 390, colorScheme: 'light' },
  { name: 'phone-dark', width: 390, colorScheme: 'dark' },
] as const

const types: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' },
  ...{ '.json': 'application/json', '.md': 'text/markdown', '.txt': 'text/plain', '.woff2': 'font/woff2' },
}

/** As servers of static files do: `/start` is start.html, `/api/` is api/index.html. */
function fileOf(path: string): string | undefined {
  const whole = join(dist, decodeURIComponent(path))
  return [whole, `${whole}.html`, join(whole, 'index.html')].find((one) => existsSync(one) && statSync(one).isFile())
}

async function serve(): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const file = fileOf(new URL(url, 'http://site').pathname)
    if (file === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function pages(folder = ''): readonly string[] {
  return readdirSync(join(dist, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'assets' ? [] : pages(path)
    return entry.name.endsWith('.html') && entry.name !== '404.html' ? [path.replace(/(index)?\.html$/, '')] : []
  })
}

/** What is wrong with the page that is open. */
function wrongIn(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const broken = [...document.images].filter((image) => image.complete && image.naturalWidth === 0)
    const links = [...document.querySelectorAll<HTMLAnchorElement>('main a[href^="#"], main a[href^="/"]')]
    const lost = links
      .map((link) => new URL(link.href))
      .filter((to) => to.pathname === location.pathname && to.hash.length > 1)
      .filter((to) => document.getElementById(decodeURIComponent(to.hash.slice(1))) === null)
    const tooWide = document.documentElement.scrollWidth > window.innerWidth
    return [
      ...broken.map((image) => `this picture does not load: ${image.src}`),
      ...lost.map((to) => `this anchor leads nowhere: ${to.hash}`),
      ...(tooWide ? [`the page is ${document.documentElement.scrollWidth} pixels wide`] : []),
    ]
  })
}

/** Those of the API reference are alike: they are looked at where they are most likely to be too wide. */
function pagesIn(view: string): readonly string[] {
  const all = pages().filter((path) => view === 'phone' || !path.startsWith('/api/rxweft/'))
  return values.only === undefined ? all : all.filter((path) => path.startsWith(values.only as string))
}

async function look(browser: Browser, address: string, view: (typeof views)[number]): Promise<readonly string[]> {
  const { width, colorScheme } = view
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
  const page = await context.newPage()
  const found: string[] = []
  let where = ''
  const note = (what: string): void => void found.push(`${view.name} ${where}: ${what}`)
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') note(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => note(`exception: ${error.message}`))
  page.on('response', (answer) => {
    if (answer.status() >= 400) note(`${answer.status()} for ${answer.url()}`)
  })
  for (const path of pagesIn(view.name)) {
    where = path
    await page.goto(`${address}${path}`, { waitUntil: 'load' })
    // The script of the page has taken over by then.
    await page.waitForFunction(() => document.querySelector('.VPContent') !== null)
    for (const problem of await wrongIn(page)) note(problem)
    if (values.shots !== undefined && !path.startsWith('/api/rxweft/')) {
      const name = `${path.replaceAll('/', '_').slice(1) || 'index'}-${view.name}.png`
      // What is longer than that takes Chromium too much memory.
      const height = Math.min(8_000, await page.evaluate(() => document.documentElement.scrollHeight))
      await page.screenshot({ path: join(values.shots, name), fullPage: true, clip: { x: 0, y: 0, width, height } })
    }
  }
  await context.close()
  return found
}

const server = await serve()
if (values.shots !== undefined) mkdirSync(values.shots, { recursive: true })
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const found: string[] = []
  for (const view of views) found.push(...(await look(browser, address, view)))
  for (const problem of found) console.error(problem)
  const looks = views.reduce((sum, { name }) => sum + pagesIn(name).length, 0)
  console.log(`${looks} looks at pages: ${found.length} problems`)
  process.exitCode = found.length === 0 ? 0 : 1
} finally {
  await browser.close()
  server.close()
}
