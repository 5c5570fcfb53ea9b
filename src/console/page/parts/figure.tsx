interface FigureProps {
  readonly name: string
  readonly value: string
  readonly unit: string
  readonly tone?: 'warn' | undefined
}

/** One figure of a summary. */
export function Figure({ name, value, unit, tone }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={tone}>
        <b>{value}</b>
        <small>{unit}</small>
      </dd>
    </div>
  )
}
