/** A real Chromium, where there is one. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why there is none; null: there is one. */
export const noChromium: string | null = existsSync(executablePath)
  ? null
  : `no Chromium at ${executablePath}: set CHROMIUM to its path`

export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}
