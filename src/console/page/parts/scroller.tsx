import type { ComponentChildren } from 'preact'

interface Props {
  /** What is in it, for those who do not see it. */
  readonly label: string
  readonly class: 'scroller' | 'list' | 'list tall' | 'list short'
  readonly children: ComponentChildren
}

/** Part of the page that scrolls by itself, by keys as well. */
export function Scroller({ label, class: kind, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys.
    <section class={kind} aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
