/** CPU time and memory of a process with all its children, from /proc, a few times a second while it runs. Linux only. */
import { readFileSync } from 'node:fs'
import type { Span } from './rates.ts'

export interface Sample {
  /** ms since the epoch. */
  readonly at: number
  /** Seconds of CPU so far, user and system. */
  readonly cpu: number
  /** Bytes that are in memory now. */
  readonly resident: number
}

export interface Sampler {
  readonly samples: readonly Sample[]
  stop(): void
}

/** As on every Linux that Node runs on; getconf CLK_TCK. */
const ticksPerSecond = 100
const pageSize = 4096

export function sampler(pid: number, every = 100): Sampler {
  const samples: Sample[] = []
  const sample = (): void => {
    const at = Date.now()
    const all = family(pid).flatMap((one) => readProcess(one) ?? [])
    // Gone: what it has used is known from the sample before.
    if (all.length === 0) return
    const sum = (of: (usage: Usage) => number): number => all.reduce((total, usage) => total + of(usage), 0)
    samples.push({ at, cpu: sum(({ cpu }) => cpu), resident: sum(({ resident }) => resident) })
  }
  sample()
  const timer = setInterval(sample, every)
  return { samples, stop: () => clearInterval(timer) }
}

interface Usage {
  readonly cpu: number
  readonly resident: number
}

function readProcess(pid: number): Usage | null {
  const stat = readOrNull(`/proc/${pid}/stat`)
  return stat === null ? null : usageOf(stat)
}

/** Of a line of /proc/PID/stat. The name, in brackets, may have spaces and brackets in it. */
export function usageOf(stat: string): Usage {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    resident: Number(fields[21]) * pageSize,
  }
}

/** The process and its children and theirs. */
function family(pid: number): readonly number[] {
  const children = readOrNull(`/proc/${pid}/task/${pid}/children`)?.trim() ?? ''
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => family(Number(child))))]
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** Seconds of CPU in that time; between two samples as much as its share of the time between them. */
export function cpuWithin(samples: readonly Sample[], { from, to }: Pick<Span, 'from' | 'to'>): number {
  return cpuAt(samples, to) - cpuAt(samples, from)
}

function cpuAt(samples: readonly Sample[], at: number): number {
  const after = samples.findIndex((sample) => sample.at >= at)
  if (after === 0) return samples[0]?.cpu ?? 0
  if (after < 0) return samples.at(-1)?.cpu ?? 0
  const [a, b] = [samples[after - 1] as Sample, samples[after] as Sample]
  return a.cpu + ((b.cpu - a.cpu) * (at - a.at)) / (b.at - a.at)
}

/** The most that was in memory at any sample, bytes. */
export function peakOf(samples: readonly Sample[]): number {
  return samples.reduce((most, { resident }) => Math.max(most, resident), 0)
}
