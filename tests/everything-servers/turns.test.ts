import { describe, expect, it } from 'vitest';
import type { Answers, Capabilities, Dialogue } from '../../packages/testing/fixtures/everything/dialogue.js';
import { everythingDialogues } from '../../packages/testing/fixtures/everything/dialogues.js';
import { takeTurn, type Heard } from '../../packages/testing/fixtures/everything/talk-by-returning.js';

const NAME = { action: 'accept', content: { name: 'Ada' } };
const GREETING = { role: 'assistant', content: { type: 'text', text: 'Hello.' } };

function dialogueNamed(name: string): Dialogue {
  const found = everythingDialogues.find((dialogue) => dialogue.name === name);
  if (found === undefined) throw new Error(`There is no dialogue ${name}.`);
  return found;
}

function heard(responses: Heard['responses'], state?: Answers, capabilities: Capabilities = {}): Heard {
  return { responses, state, capabilities };
}

describe('A turn of a dialogue', () => {
  it('Asks again for what is missing, and hands out what is known.', () => {
    const dialogue = dialogueNamed('test_input_required_result_multiple_inputs');
    const turn = takeTurn(dialogue, heard({ user_name: NAME, greeting: GREETING }, {}));
    expect(turn).toEqual({
      questions: { client_roots: { method: 'roots/list', params: {} } },
      state: { user_name: NAME, greeting: GREETING },
    });
  });

  it('Takes no answers without the state they belong to.', () => {
    const dialogue = dialogueNamed('test_input_required_result_request_state');
    const confirmed = { action: 'accept', content: { ok: true } };
    expect(takeTurn(dialogue, heard({ confirm: confirmed }))).toHaveProperty('questions.confirm');
    expect(takeTurn(dialogue, heard({ confirm: confirmed }, {}))).toEqual({
      conclusion: 'state-ok, confirmed: true',
    });
  });

  it.each([[12345], [null], ['Ada'], [{}], [GREETING]])('Takes %j for no answer to a form.', (response) => {
    const dialogue = dialogueNamed('test_input_required_result_elicitation');
    expect(takeTurn(dialogue, heard({ user_name: response }))).toHaveProperty('questions.user_name');
  });

  it('Takes no notice of answers to what was never asked.', () => {
    const dialogue = dialogueNamed('test_input_required_result_elicitation');
    expect(takeTurn(dialogue, heard({ other: NAME }))).toHaveProperty('questions.user_name');
    expect(takeTurn(dialogue, heard({ other: NAME, user_name: NAME }))).toEqual({
      conclusion: 'Hello, Ada!',
    });
  });

  it('Asks only whom the client has declared, where the dialogue says so.', () => {
    const turn = takeTurn(
      dialogueNamed('test_input_required_result_capabilities'),
      heard({}, undefined, { sampling: {} }),
    );
    expect(Object.keys(turn.questions ?? {})).toEqual(['greeting']);
    const bold = takeTurn(dialogueNamed('test_missing_capability'), heard({}));
    expect(Object.keys(bold.questions ?? {})).toEqual(['needed']);
  });
});
