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
  /** Seconds of CPU of everything on this machine but the process, its children, and the broker. */
  readonly others: number
}

export interface Sampler {
  readonly samples: readonly Sample[]
  stop(): void
}

/** As on every Linux that Node runs on; getconf CLK_TCK. */
const ticksPerSecond = 100
const pageSize = 4096

/** @param broker its process, where that is known: it works for the program, and is not one of the others */
export function sampler(pid: number, broker: number | null, every = 100): Sampler {
  const samples: Sample[] = []
  const sample = (): void => {
    const at = Date.now()
    const machine = busyOf(readOrNull('/proc/stat') ?? '')
    const all = family(pid).flatMap((one) => readProcess(one) ?? [])
    // Gone: what it has used is known from the sample before.
    if (all.length === 0) return
    const sum = (of: (usage: Usage) => number): number => all.reduce((total, usage) => total + of(usage), 0)
    const cpu = sum((usage) => usage.cpu)
    const others = machine - cpu - (broker === null ? 0 : (readProcess(broker)?.cpu ?? 0))
    samples.push({ at, cpu, resident: sum(({ resident }) => resident), others })
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

/** Seconds of CPU that all processes together have had, out of /proc/stat: user, nice, system, irq, softirq, steal. */
export function busyOf(stat: string): number {
  const [, ...fields] = (stat.split('\n')[0] ?? '').trim().split(/ +/)
  return [0, 1, 2, 5, 6, 7].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0) / ticksPerSecond
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
  return valueAt(samples, to, ({ cpu }) => cpu) - valueAt(samples, from, ({ cpu }) => cpu)
}

/** How many cores the others have had on average in that time. */
export function othersWithin(samples: readonly Sample[], { from, to }: Pick<Span, 'from' | 'to'>): number {
  const seconds = valueAt(samples, to, ({ others }) => others) - valueAt(samples, from, ({ others }) => others)
  return Math.max(0, (seconds * 1_000) / (to - from))
}

function valueAt(samples: readonly Sample[], at: number, value: (sample: Sample) => number): number {
  const after = samples.findIndex((sample) => sample.at >= at)
  const [a, b] = [samples[after - 1], samples[after]]
  if (b === undefined) return samples.length === 0 ? 0 : value(samples.at(-1) as Sample)
  if (a === undefined) return value(b)
  return value(a) + ((value(b) - value(a)) * (at - a.at)) / (b.at - a.at)
}

/** The most that was in memory at any sample, bytes. */
export function peakOf(samples: readonly Sample[]): number {
  return samples.reduce((most, { resident }) => Math.max(most, resident), 0)
}
