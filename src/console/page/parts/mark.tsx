export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M2 11h28M2 21h28" class="warp" />
      <path d="M16 3v26" class="weft" />
      <circle cx="7" cy="11" r="4" />
      <circle cx="25" cy="21" r="4" />
    </svg>
  )
}
