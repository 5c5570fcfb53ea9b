/** Feeds a script: for the first time as long as a run lasts, and again to a second run. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Script, Step } from './script.ts'
import type { Shown } from './shown.ts'
import type { Stage } from './stage.ts'

export interface Feeding {
  /** Feeds the last step, and no more. */
  end(): void
}

/** @param every ms */
export function startFeeding(stage: Stage, script: Script, every: number): Feeding {
  let over = false
  const timer = setInterval(() => {
    stage.shown.look()
    stage.feed(script.next(stage.shown))
  }, every)
  return {
    end() {
      if (over) return
      over = true
      clearInterval(timer)
      stage.feed(script.end())
    },
  }
}

/** Each step once the stage shows what it needs. Rejects if that takes longer than `limit` ms. */
export async function replay(stage: Stage, steps: readonly Step[], limit: number): Promise<void> {
  for (const step of steps) {
    const deadline = Date.now() + limit
    for (stage.shown.look(); !isReady(step, stage.shown); stage.shown.look()) {
      if (Date.now() > deadline) throw new Error(`not within ${limit} ms: ${JSON.stringify(step)}`)
      await pause(20)
    }
    stage.feed(step)
  }
}

function isReady({ rules, windows }: Step, shown: Shown): boolean {
  return (
    rules.every((rule) => shown.rules.has(rule)) &&
    Object.entries(windows).every(([word, start]) => (shown.windows.get(word) ?? 0) >= start)
  )
}
