import { useState } from 'preact/hooks'
import { post } from '../connection'

/** The token that an address like /#token=... carries: browsers send no server that part of it. */
export async function tokenFromAddress(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return
  history.replaceState(null, '', location.pathname)
  await admitted(token).catch(() => false)
}

async function admitted(token: string): Promise<boolean> {
  const answer = await post('/api/session', { token })
  return answer.ok && (await answer.json()).known
}

/** Asks for the token. */
export function Locked({ admitted: go }: { readonly admitted: () => void }) {
  const [wrong, setWrong] = useState('')
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget as HTMLFormElement).get('token'))
    const known = await admitted(token).catch(() => null)
    if (known) go()
    else setWrong(known === null ? 'The process does not answer.' : 'That is not the token.')
  }
  return (
    <main class="alone">
      <h1>rxweft</h1>
      <form onSubmit={submit}>
        <label for="token">Token of this page</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus />
        <button type="submit" class="primary">
          Open
        </button>
        <p role="alert" class="wrong">
          {wrong}
        </p>
      </form>
    </main>
  )
}
