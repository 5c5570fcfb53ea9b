/** Which blocks of the sources have run, by V8's own precise coverage: an input that reaches a new one is worth changing further. */
import { type Profiler, Session } from 'node:inspector'

export interface Coverage {
  /** The blocks that have run since the last call, and never before what `keep` was called with. Takes some ms. */
  fresh(): readonly string[]
  /** These are fresh no more. */
  keep(blocks: readonly string[]): void
  readonly blocks: number
  stop(): void
}

export function coverage(): Coverage {
  const session = new Session()
  const seen = new Set<string>()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

  function taken(): readonly Profiler.ScriptCoverage[] {
    let found: readonly Profiler.ScriptCoverage[] = []
    session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error === null) found = result
    })
    return found.filter(({ url }) => /\/(src|packages)\//.test(url) && !url.includes('node_modules'))
  }

  return {
    fresh() {
      const found = new Set<string>()
      for (const { url, functions } of taken()) {
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            const block = `${url} ${startOffset} ${endOffset}`
            if (count > 0 && !seen.has(block)) found.add(block)
          }
        }
      }
      return [...found]
    },
    keep(blocks) {
      for (const block of blocks) seen.add(block)
    },
    get blocks() {
      return seen.size
    },
    stop() {
      session.post('Profiler.stopPreciseCoverage')
      session.disconnect()
    },
  }
}
