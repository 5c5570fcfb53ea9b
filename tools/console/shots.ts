/** `npm run screenshots [-- FOLDER]`: pictures of the page for docs/console.md, of a job with real faults. */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { consolePage } from '../../src/console/consolePage.ts'
import { startChromium } from '../support/chromium.ts'
import { buildPage } from './buildPage.ts'
import { stage } from './stage.ts'

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '../../docs/pictures/console'))
const views = [
  { name: 'light', width: 1_280, height: 1_000, colorScheme: 'light' },
  { name: 'dark', width: 1_280, height: 1_000, colorScheme: 'dark' },
  { name: 'phone', width: 390, height: 844, colorScheme: 'light' },
] as const

await mkdir(folder, { recursive: true })
await buildPage()
const { job, slow, failStorage, close } = await stage()
const { url } = await consolePage(job, { port: 0 })
const browser = await startChromium()
try {
  const pages = await Promise.all(
    views.map(async ({ name, width, height, colorScheme }) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme })
      const page = await context.newPage()
      await page.goto(url)
      return { page, name }
    }),
  )
  const shoot = async (suffix: string): Promise<void> => {
    for (const { page, name } of pages) {
      const path = join(folder, `${name}${suffix}.png`)
      await page.screenshot({ path, fullPage: name !== 'phone' })
      console.log(path)
    }
  }
  await pause(20_000)
  failStorage(1)
  await Promise.all(pages.map(({ page }) => page.locator('.pill.restarting').waitFor()))
  await shoot('-restart')
  await Promise.all(pages.map(({ page }) => page.locator('.pill.running').waitFor()))
  // A service that takes longer than the orders may: sources wait for it.
  slow(80)
  await pause(9_000)
  await shoot('')
} finally {
  await browser.close()
  await close()
}
process.exit(0)
