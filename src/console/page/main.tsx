/** Entry of the page in the browser. */
import { render } from 'preact'
import { App } from './app'
import './app.css'

render(<App />, document.getElementById('page') as HTMLElement)
