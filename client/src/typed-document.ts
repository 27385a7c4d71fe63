/** The text of a GraphQL operation that carries the types of its result and variables. */
export type TypedDocument<Result, Variables> = string & {
  /** Only for the compiler: nothing is there when it runs. */
  readonly __types?: (variables: Variables) => Result;
};
