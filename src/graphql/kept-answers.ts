import type { FormattedExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';

type Data = NonNullable<FormattedExecutionResult['data']>;

interface Answer {
  readonly version: string;
  /** The data as JSON. */
  readonly text: string;
  /** Stands for the data on its way to `toText`; empty, for all that is sent is the text. */
  readonly data: Data;
}

/** Where the text of data is kept once it is there. */
interface Place {
  readonly question: string;
  readonly version: string;
}

/** What an answer takes beside its text, about: its objects and its key. */
const OVERHEAD_BYTES = 1000;

/** The texts of answers in memory, each of one version: the last used ones. */
export class KeptAnswers {
  private readonly answers: LRUCache<string, Answer> | undefined;
  private readonly texts = new WeakMap<Data, string>();
  private readonly places = new WeakMap<Data, Place>();

  constructor(
    /** The most bytes it holds; 0 for none. */
    maxBytes: number,
  ) {
    if (maxBytes === 0) return;
    this.answers = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ text }) => OVERHEAD_BYTES + text.length,
    });
  }

  get isEnabled(): boolean {
    return this.answers !== undefined;
  }

  /** What stands for the answer to a question in this version, for `toText` alone. */
  find(question: string, version: string): Data | undefined {
    const answer = this.answers?.get(question);
    return answer?.version === version ? answer.data : undefined;
  }

  /** Keeps the text of data as the answer to a question, as soon as there is one. */
  keep(question: string, version: string, data: Data): void {
    this.places.set(data, { question, version });
  }

  /** A result as JSON. */
  toText(result: FormattedExecutionResult): string {
    const { data, ...others } = result;
    if (!data || others.errors) return `${JSON.stringify(result)}\n`;
    const more = JSON.stringify(others).slice(1, -1);
    return `{"data":${this.textOf(data)}${more === '' ? '' : `,${more}`}}\n`;
  }

  private textOf(data: Data): string {
    const known = this.texts.get(data);
    if (known !== undefined) return known;
    const text = JSON.stringify(data);
    const place = this.places.get(data);
    if (place) {
      const answer = { version: place.version, text, data: {} };
      this.texts.set(answer.data, text);
      this.answers?.set(place.question, answer);
    }
    return text;
  }
}
