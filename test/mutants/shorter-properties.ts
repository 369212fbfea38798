import fc from 'fast-check';

// A mutant that a property finds is nearly always found in its first runs. Without a limit, survivors would take ten seconds each.
fc.configureGlobal({ interruptAfterTimeLimit: 1000 });
