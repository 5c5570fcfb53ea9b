import type { ComponentChildren } from 'preact'
import type { Link } from '../connection'
import { clockTime, duration } from '../format'

interface Props {
  readonly who: string
  readonly link: Extract<Link, { state: 'lost' }>
  /** Time of the server, ms. */
  readonly now: number
  /** Time of the server minus time of the browser, ms. */
  readonly skew: number
  /** What that means for what is shown. */
  readonly children: ComponentChildren
}

/** The server is not heard of. */
export function LostLink({ who, link, now, skew, children }: Props) {
  const silence = Math.max(0, now - skew - link.since)
  return (
    <p class="bad">
      <strong>{who} does not answer</strong> since {clockTime(link.since)} ({duration(silence)}). {children} Trying
      again …
    </p>
  )
}
