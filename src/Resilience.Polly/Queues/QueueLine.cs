namespace Resilience.Polly.Queues;

/// <summary>
/// The place of every item of a queue, and the counts. All of it changes under one lock, so an item is in exactly one place
/// and a snapshot adds up. This class decides and counts; its caller acts.
/// </summary>
/// <remarks>
/// These are linked lists rather than a channel. A cancelled item leaves from the middle and makes room at once, and an item that
/// met saturation goes back to its old place. A channel can do neither.
/// </remarks>
internal sealed class QueueLine(string name, QueueOptions options)
{
    private readonly Lock _gate = new();
    private readonly QueueItems _outside = new(QueuePlace.Outside);
    private readonly QueueItems _waiting = new(QueuePlace.Waiting);
    private readonly QueueItems _running = new(QueuePlace.Running);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly QueueWorkerCount _staff = new();
    private readonly long[] _ended = new long[Enum.GetValues<QueueEnd>().Length];
    private QueueOptions _options = options;
    private long _accepted; // also the number of the last item
    private long _rejected;
    private long _requeued;
    private bool _isClosed;

    /// <summary>Ends when the queue is closed and no item waits or runs any more.</summary>
    public Task Drained => _drained.Task;

    public QueueOptions Options => Volatile.Read(ref _options);

    /// <summary>Accepts an item, or makes it wait for room.</summary>
    public QueueAdmission Offer(QueueItem item)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return Reject(item, QueueAdmission.Closed);
            }

            if (_outside.Count == 0 && _waiting.Count < _options.Capacity)
            {
                Accept(item);
                return QueueAdmission.Accepted;
            }

            if (_options.EnqueueTimeout == TimeSpan.Zero)
            {
                return Reject(item, QueueAdmission.Full);
            }

            item.AwaitAdmission();
            _outside.Add(item);
            return QueueAdmission.Pending;
        }
    }

    /// <summary>Ends the wait for room, unless it has ended.</summary>
    public void GiveUp(QueueItem item, QueueAdmission why)
    {
        lock (_gate)
        {
            if (_outside.Remove(item))
            {
                Reject(item, why);
            }
        }
    }

    /// <summary>Allows workers from now on.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _staff.IsStarted = true;
        }
    }

    /// <summary>Whether a worker should begin. It continues until <see cref="Take"/> has nothing for it.</summary>
    public bool TryAddWorker()
    {
        lock (_gate)
        {
            return _staff.TryAddWorker(_waiting.Count, _options.Workers);
        }
    }

    /// <summary>The item that was accepted first; <see langword="null"/> ends the worker.</summary>
    public QueueItem? Take(bool isNew)
    {
        lock (_gate)
        {
            if (!_staff.Ask(isNew, _options.Workers) || !_waiting.TryTakeFirst(out var item))
            {
                _staff.Leave();
                return null;
            }

            _running.Add(item);
            AdmitOutside();
            return item;
        }
    }

    /// <summary>Puts an item back to its place in line, and lets its worker rest. An item that has ended, or is about to, stays out.</summary>
    public bool PutBack(QueueItem item)
    {
        lock (_gate)
        {
            // If it was cancelled while it ran, nothing else would remove it from the line.
            if (item.Token.IsCancellationRequested || !_running.Remove(item))
            {
                return false;
            }

            _waiting.AddInOrder(item);
            _requeued++;
            _staff.Paused++;
            return true;
        }
    }

    /// <summary>Ends the rest of a worker.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _staff.Paused--;
        }
    }

    /// <summary>Ends a waiting item; a running one has its token.</summary>
    public void Cancel(QueueItem item)
    {
        lock (_gate)
        {
            if (_waiting.Remove(item))
            {
                End(item, QueueEnd.Cancelled, null);
                AdmitOutside();
            }
        }
    }

    /// <summary>Ends a running item; false if it was handed back meanwhile.</summary>
    public bool TryEnd(QueueItem item, QueueEnd how, Exception? failure)
    {
        lock (_gate)
        {
            if (!_running.Remove(item))
            {
                return false;
            }

            End(item, how, failure);
            return true;
        }
    }

    public void Apply(QueueOptions fresh)
    {
        lock (_gate)
        {
            Volatile.Write(ref _options, fresh);
            AdmitOutside();
        }
    }

    /// <summary>Accepts no more items; returns whether those accepted can still be done.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_outside.TryTakeFirst(out var item))
            {
                Reject(item, QueueAdmission.Closed);
            }

            NoteDrained();
            return _staff.IsStarted;
        }
    }

    /// <summary>Ends all items that wait or run, with the exceptions of <paramref name="why"/>. Call it after closing.</summary>
    public IReadOnlyList<QueueItem> TakeRemaining(Func<QueueItem, Exception> why)
    {
        lock (_gate)
        {
            QueueItem[] left = [.. _running.All.OrderBy(item => item.Number), .. _waiting.All];
            foreach (var item in left)
            {
                _ = _running.Remove(item) || _waiting.Remove(item);
                End(item, QueueEnd.HandedBack, why(item));
            }

            return left;
        }
    }

    public QueueSnapshot Read()
    {
        lock (_gate)
        {
            return new()
            {
                Name = name,
                Options = QueueOptions.Settings.Copy(_options),
                Waiting = _waiting.Count,
                Running = _running.Count,
                WaitingForRoom = _outside.Count,
                PausedWorkers = _staff.Paused,
                Accepted = _accepted,
                Completed = _ended[(int)QueueEnd.Completed],
                Failed = _ended[(int)QueueEnd.Failed],
                Cancelled = _ended[(int)QueueEnd.Cancelled],
                HandedBack = _ended[(int)QueueEnd.HandedBack],
                Rejected = _rejected,
                Requeued = _requeued,
            };
        }
    }

    private void Accept(QueueItem item)
    {
        item.Number = ++_accepted;
        _waiting.Add(item);
    }

    private void AdmitOutside()
    {
        while (_waiting.Count < _options.Capacity && _outside.TryTakeFirst(out var item))
        {
            Accept(item);
            item.Admit(QueueAdmission.Accepted);
        }
    }

    private QueueAdmission Reject(QueueItem item, QueueAdmission why)
    {
        _rejected += why == QueueAdmission.Cancelled ? 0 : 1;
        item.Place = QueuePlace.Gone;
        item.Admit(why);
        return why;
    }

    // In one step: every task that has ended is counted, and once the queue is drained all tasks have ended.
    private void End(QueueItem item, QueueEnd how, Exception? failure)
    {
        item.Place = QueuePlace.Gone;
        _ended[(int)how]++;
        item.End(how, failure);
        NoteDrained();
    }

    private void NoteDrained()
    {
        if (_isClosed && _waiting.Count == 0 && _running.Count == 0)
        {
            _drained.TrySetResult();
        }
    }
}
