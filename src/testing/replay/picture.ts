/** Draws a replay: a line for each source and sink, a column for each record that was read. */
import type { JobDriver } from '../job/jobDriver.ts'
import type { SinkLog } from '../job/sinkLog.ts'
import type { InputRecord } from './readInput.ts'

export interface Picture {
  /** The record has been processed. */
  step(record: InputRecord): void
  drawn(): string
}

export function picture(driver: Pick<JobDriver, 'sinks'>): Picture {
  /** Cells by line; a line begins where it first has one. */
  const lines = new Map<string, string[]>()
  const seen = new Map<SinkLog, number>()
  let columns = 0

  function put(line: string, values: readonly unknown[]): void {
    const cells = lines.get(line) ?? []
    lines.set(line, cells)
    const shown = values.map((value) => `<${JSON.stringify(value, bigintAsText) ?? 'undefined'}>`)
    cells[columns] = shown.length > 1 ? `(${shown.join('')})` : (shown[0] ?? '')
  }

  return {
    step({ source, value }) {
      put(source, [value])
      for (const log of driver.sinks()) {
        const all = [...log.committed, ...log.uncommitted]
        const written = all.slice(seen.get(log) ?? 0)
        seen.set(log, all.length)
        if (written.length > 0)
          put(
            log.id,
            written.map((record) => record.value),
          )
      }
      columns += 1
    },
    drawn() {
      const names = Math.max(0, ...[...lines.keys()].map((name) => name.length))
      const widths = Array.from({ length: columns }, (_, at) =>
        Math.max(...[...lines.values()].map((cells) => cells[at]?.length ?? 0)),
      )
      const drawnLine = (cells: readonly string[]): string =>
        widths.map((width, at) => `-${(cells[at] ?? '').padEnd(width, '-')}`).join('')
      return [...lines].map(([name, cells]) => `${name.padEnd(names)}  ${drawnLine(cells)}-`).join('\n')
    },
  }
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
