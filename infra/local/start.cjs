// biome-ignore-all lint/style/useTemplate: old versions of Node have no templates
// The entry point of `npm start`: checks the Node version and the packages. Plain JavaScript, for Node versions that cannot run TypeScript.
var NODE_MAJOR = 24;

var major = Number(process.versions.node.split('.')[0]);
var problem;
try {
  require.resolve('dynalite');
  if (major < NODE_MAJOR)
    problem =
      'This is Node ' +
      process.versions.node +
      ', and the local host needs Node ' +
      NODE_MAJOR +
      ': start it with npm start, which uses the Node that npm ci installed.';
} catch (_) {
  problem =
    'Run npm ci first: it installs Node ' + NODE_MAJOR + ' and everything else that the local host needs.';
}

if (problem === undefined) import('./main.ts');
else {
  console.error(problem);
  process.exitCode = 1;
}
