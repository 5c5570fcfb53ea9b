import type { ComponentChildren } from 'preact'
import { Scroller } from './scroller'

interface Props {
  readonly class: 'list' | 'list short'
  /** Number of partitions in the table. */
  readonly shown: number
  /** Number of all partitions. */
  readonly all: number
  /** What is said while the table is empty. */
  readonly nothing: string
  /** Head and body of the table. */
  readonly children: ComponentChildren
}

/** A table of partitions, the largest lag first. */
export function PartitionsCard({ class: kind, shown, all, nothing, children }: Props) {
  return (
    <section class="card" aria-labelledby="lag">
      <h2 id="lag">Partitions</h2>
      <Scroller class={kind} label="Lag by partition">
        {shown === 0 && <p class="quiet empty">{nothing}</p>}
        {shown > 0 && <table>{children}</table>}
        {all > shown && (
          <p class="quiet">
            {shown} of {all} partitions, those with the largest lag
          </p>
        )}
      </Scroller>
    </section>
  )
}
