import type { ComponentChildren } from 'preact'
import { ago, clockTime, wholeTime } from '../format'

/** A moment as its children say it; its date and zone are in the title. */
export function Moment({ at, children }: { readonly at: number; readonly children: ComponentChildren }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={wholeTime(at)}>
      {children}
    </time>
  )
}

/** A moment by the clock, and how long ago it was. */
export function ClockMoment({ at, now }: { readonly at: number; readonly now: number }) {
  return (
    <Moment at={at}>
      {clockTime(at)} <small>{ago(at, now)}</small>
    </Moment>
  )
}
