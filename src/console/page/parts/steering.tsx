import { useRef, useState } from 'preact/hooks'
import type { JobView, Reason } from '../../view'
import { post } from '../connection'

type What = 'stop' | 'savepoint'

/** Buttons that change something; each asks first, and says what it does. */
export function Steering({ job, usable }: { readonly job: JobView; readonly usable: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [what, setWhat] = useState<What>('stop')
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState('')
  const [wrong, setWrong] = useState('')

  function ask(which: What): void {
    setWhat(which)
    setWrong('')
    dialog.current?.showModal()
  }

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get('name') ?? '')
    setBusy(true)
    const answer = await post(`/api/${what}`, { name }).catch(() => null)
    setBusy(false)
    if (answer === null || !answer.ok) return setWrong(await refusal(answer))
    setSaid(what === 'stop' ? '' : `Savepoint “${name}” is taken.`)
    dialog.current?.close()
  }

  return (
    <div class="steering">
      <p class="quiet" role="status">
        {said}
      </p>
      {job.can.savepoint && (
        <button type="button" disabled={!usable} onClick={() => ask('savepoint')}>
          Savepoint …
        </button>
      )}
      {job.can.stop && (
        <button type="button" disabled={!usable || job.status.state === 'stopping'} onClick={() => ask('stop')}>
          Stop …
        </button>
      )}
      <dialog ref={dialog} aria-labelledby="question">
        <form onSubmit={submit}>
          {what === 'stop' ? <StopQuestion name={job.name} /> : <SavepointQuestion />}
          <p role="alert" class="wrong">
            {wrong}
          </p>
          <div class="answers">
            <button type="button" autofocus onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" class={what === 'stop' ? 'danger' : 'primary'} disabled={busy}>
              {what === 'stop' ? 'Stop the job' : 'Take the savepoint'}
            </button>
          </div>
        </form>
      </dialog>
    </div>
  )
}

function StopQuestion({ name }: { readonly name: string }) {
  return (
    <>
      <h2 id="question">Stop {name}?</h2>
      <p>
        The job takes a final checkpoint and ends: nothing is lost, nothing is left half done. It runs again when its
        program is started again, from that checkpoint.
      </p>
      <label for="name">Keep that checkpoint as a savepoint named (may stay empty)</label>
      <input id="name" name="name" maxLength={100} placeholder="before-v2" autocomplete="off" />
    </>
  )
}

function SavepointQuestion() {
  return (
    <>
      <h2 id="question">Take a savepoint?</h2>
      <p>The next checkpoint is kept under this name until somebody removes it. The job goes on meanwhile.</p>
      <label for="name">Name</label>
      <input id="name" name="name" required maxLength={100} placeholder="before-v2" autocomplete="off" />
    </>
  )
}

async function refusal(answer: Response | null): Promise<string> {
  if (answer === null) return 'The process does not answer.'
  const { what = `The process refuses (${answer.status}).`, hint = '' }: Partial<Reason> = await answer
    .json()
    .catch(() => ({}))
  return [what, hint].filter((text) => text !== '').join('. ')
}
