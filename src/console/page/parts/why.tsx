import type { Reason } from '../../view'

/** An error in words: what, where, and what to do. */
export function Why({
  title,
  reason,
  tone,
}: {
  readonly title: string
  readonly reason: Reason
  readonly tone: 'warn' | 'bad'
}) {
  return (
    <div class={tone}>
      <strong>{title}</strong>
      <ReasonText reason={reason} />
    </div>
  )
}

export function ReasonText({ reason }: { readonly reason: Reason }) {
  return (
    <>
      <span class="what"> {reason.what}</span>
      {reason.where !== '' && <span class="quiet where"> ({reason.where})</span>}
      {reason.hint !== '' && <p class="hint">{reason.hint}.</p>}
    </>
  )
}

/** An error in one line, where what to do about it stands elsewhere. */
export function ReasonLine({ reason }: { readonly reason: Reason }) {
  return (
    <>
      <b>{reason.code}</b> <ReasonText reason={{ ...reason, hint: '' }} />
    </>
  )
}
