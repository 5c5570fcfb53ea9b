/** One line for each query and peer, and the ratios to rxweft. */
import { median } from '../measure/stats.ts'
import type { QueryRun } from './peers.ts'

interface Figures {
  /** Events for each second. */
  readonly rate: number
  /** CPU s for a million events. */
  readonly cpu: number
  /** MiB */
  readonly peak: number
}

export function report(runs: readonly QueryRun[]): string {
  const lines = [...new Set(runs.map(({ query }) => query))].flatMap((query) => {
    const some = (peer: string) => runs.filter((run) => run.query === query && run.peer === peer)
    const ours = figuresOf(some('rxweft'))
    return [...new Set(runs.map(({ peer }) => peer))].map((peer) => {
      const name = `${query.padEnd(4)} ${peer.padEnd(12)}`
      const problem = some(peer).find((run) => run.problem !== undefined)?.problem
      if (problem !== undefined) return `${name} FAILED: ${problem}`
      const { rate, cpu, peak } = figuresOf(some(peer))
      const figures = `${Math.round(rate).toLocaleString('en-US')} events/s, ${cpu.toFixed(2)} CPU s/M, ${Math.round(peak)} MiB`
      const ratios = `${(ours.rate / rate).toFixed(1)}x as fast, ${(ours.cpu / cpu).toFixed(2)} of its CPU time`
      return `${name} ${figures}; rxweft: ${ratios}, ${(ours.peak / peak).toFixed(2)} of its memory`
    })
  })
  return lines.join('\n')
}

function figuresOf(runs: readonly QueryRun[]): Figures {
  const of = (figure: (run: QueryRun) => number) => median(runs.map(figure))
  return {
    rate: of((run) => (counted(run) * 1_000) / less(run, 'ms')),
    cpu: of((run) => (less(run, 'cpu') * 1_000) / counted(run)),
    peak: of(({ peak = Number.NaN }) => peak / 1_024),
  }
}

/** Without what a twentieth of the events has taken, if that was measured. */
const less = ({ start, ...run }: QueryRun, figure: 'ms' | 'cpu'): number =>
  (run[figure] ?? Number.NaN) - (start?.[figure] ?? 0)

const counted = ({ events = Number.NaN, start }: QueryRun): number => (start === undefined ? events : events * 0.95)
