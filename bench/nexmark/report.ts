/** One line for each query and peer, and the ratios to rxweft. */
import { median } from '../measure/stats.ts'
import type { QueryRun, Taken } from './peers.ts'

export function report(runs: readonly QueryRun[]): string {
  const lines = [...new Set(runs.map(({ query }) => query))].flatMap((query) => {
    const ours = mediansOf(runs, query, 'rxweft')
    return [...new Set(runs.map(({ peer }) => peer))].map((peer) => {
      const problem = runs.find((run) => run.query === query && run.peer === peer && run.problem)?.problem
      if (problem !== undefined) return `${query.padEnd(4)} ${peer.padEnd(12)} FAILED: ${problem}`
      const { ms, cpu, peak } = mediansOf(runs, query, peer)
      const ratios = `${(ms / ours.ms).toFixed(2)} of the time, ${(cpu / ours.cpu).toFixed(2)} of the CPU time`
      const figures = `${(ms / 1_000).toFixed(1)} s, ${(cpu / 1_000).toFixed(1)} CPU s, ${Math.round(peak / 1_024)} MiB`
      return `${query.padEnd(4)} ${peer.padEnd(12)} ${figures}: ${ratios}, ${(peak / ours.peak).toFixed(2)} of the memory of rxweft`
    })
  })
  return lines.join('\n')
}

function mediansOf(runs: readonly QueryRun[], query: string, peer: string): Taken {
  const some = runs.filter((run) => run.query === query && run.peer === peer)
  const of = (figure: keyof Taken) => median(some.flatMap((run) => run[figure] ?? []))
  return { ms: of('ms'), cpu: of('cpu'), peak: of('peak') }
}
