/** What happened in a simulation, in order, for people. Off by default: a seed that fails is simply run again with it. */
export interface Trace {
  readonly lines: readonly string[]
  /** `what` is only called where somebody wants to know. */
  note(what: () => string): void
}

export function trace(now: () => number, on: boolean): Trace {
  const lines: string[] = []
  return {
    lines,
    note(what) {
      if (on) lines.push(`${now().toFixed(0).padStart(6)} ${what()}`)
    },
  }
}
