import type { ComponentChildren } from 'preact'
import { wholeTime } from '../format'

/** A moment as its children say it; its date and zone are in the title. */
export function Moment({ at, children }: { readonly at: number; readonly children: ComponentChildren }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={wholeTime(at)}>
      {children}
    </time>
  )
}
