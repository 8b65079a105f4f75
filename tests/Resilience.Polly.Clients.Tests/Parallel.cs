using Xunit.v3;

// The tests mostly wait, so more of them run at once than there are cores.
[assembly: Parallelization(MaxThreads = 6)]
