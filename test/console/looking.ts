/** A page of a job in a real Chromium, with all that its console says. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

export interface Looked {
  readonly page: Page
  /** Errors and warnings of the console, exceptions, answers that are errors. */
  readonly complaints: string[]
  /** Value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>
  /** Text of the first element, without line breaks. */
  text(selector: string): Promise<string>
}

export async function look(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Looked> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('response', (answer) => {
    if (answer.status() >= 400) complaints.push(`${answer.status()} ${answer.url()}`)
  })
  await page.goto(url)
  return {
    page,
    complaints,
    evaluate: (expression) => page.evaluate(expression),
    // biome-ignore lint/performance/useDomNodeTextContent: the text that somebody sees.
    text: async (selector) => (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, ' '),
  }
}
