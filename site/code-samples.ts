/** A request as the samples send it. `path` begins with a slash, and `body` is sent as JSON. */
export type SampleRequest = { method: string; path: string; hasToken: boolean; body?: unknown };

/** Languages of the samples, by their names in markup. */
export const LANGUAGES = { curl: 'curl', typescript: 'TypeScript', python: 'Python' } as const;
export type Language = keyof typeof LANGUAGES;

/**
 * Returns a program that sends a request and prints the response's status and body. It runs as it is: it reads the API's address from the variable
 * URL and the token from TOKEN, and needs only curl, Node 22 or Python 3.
 */
export function codeSample(language: Language, request: SampleRequest): string {
  return { curl, typescript, python }[language](request);
}

const json = (body: unknown): string => JSON.stringify(body, null, 2);
const indented = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`);

function curl({ method, path, hasToken, body }: SampleRequest): string {
  const options = [
    ...(method === 'GET' || body !== undefined ? [] : [`-X ${method}`]),
    ...(hasToken ? ['-H "Authorization: Token $TOKEN"'] : []),
    ...(body === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d '${json(body).replaceAll("'", "'\\''")}'`]),
  ];
  return ["curl -s -w '\\n%{http_code}\\n'", `"$URL${path}"`, ...options].join(' \\\n  ');
}

function typescript({ method, path, hasToken, body }: SampleRequest): string {
  const headers = [
    ...(hasToken ? [`    Authorization: \`Token \${process.env.TOKEN}\`,`] : []),
    ...(body === undefined ? [] : [`    'Content-Type': 'application/json',`]),
  ];
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    ...(headers.length === 0 ? [] : ['  headers: {', ...headers, '  },']),
    ...(body === undefined ? [] : [`  body: JSON.stringify(${indented(json(body), '  ')}),`]),
  ];
  const address = `\`\${process.env.URL}${path}\``;
  const call = options.length === 0 ? `fetch(${address})` : `fetch(${address}, {\n${options.join('\n')}\n})`;
  return `const response = await ${call};\nconsole.log(response.status, await response.json());`;
}

function python({ method, path, hasToken, body }: SampleRequest): string {
  const headers = [
    ...(hasToken ? [`        "Authorization": f"Token {os.environ['TOKEN']}",`] : []),
    ...(body === undefined ? [] : ['        "Content-Type": "application/json",']),
  ];
  return [
    'import json, os, urllib.error, urllib.request',
    '',
    ...(body === undefined ? [] : [`body = json.loads("""${json(body).replaceAll('\\', '\\\\')}""")`]),
    'request = urllib.request.Request(',
    `    f"{os.environ['URL']}${path}",`,
    `    method="${method}",`,
    ...(headers.length === 0 ? [] : ['    headers={', ...headers, '    },']),
    ...(body === undefined ? [] : ['    data=json.dumps(body).encode(),']),
    ')',
    'try:',
    '    response = urllib.request.urlopen(request)',
    'except urllib.error.HTTPError as error:',
    '    response = error',
    'print(response.status, json.load(response))',
  ].join('\n');
}
