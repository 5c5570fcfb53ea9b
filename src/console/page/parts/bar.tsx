/** A share as a bar. Its number stands beside it, so it is not read aloud. */
export function Bar({ share }: { readonly share: number }) {
  return (
    <div class="bar" aria-hidden="true">
      <i style={{ width: `${Math.round(share * 100)}%` }} />
    </div>
  )
}
