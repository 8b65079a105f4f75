namespace Resilience.Polly;

/// <summary>
/// Where every item of a queue is, and how many have gone which way. All of it changes under one lock, so that an item is in exactly one place
/// and a snapshot adds up. It decides and counts; whoever calls it does what follows.
/// </summary>
/// <remarks>
/// Linked lists rather than a channel: an item that is cancelled leaves from the middle and makes room at once, and one that
/// met saturation goes back to where it was. A channel can do neither.
/// </remarks>
internal sealed class QueueLine(string name, QueueOptions options)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<QueueItem> _outside = new();
    private readonly LinkedList<QueueItem> _waiting = new();
    private readonly HashSet<QueueItem> _running = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly QueueTally _tally = new();
    private QueueOptions _options = options;
    private bool _isStarted;
    private bool _isClosed;
    private int _workers;
    private int _coming;
    private int _paused;

    /// <summary>Ends when the queue is closed and nothing waits or is in work any more.</summary>
    public Task Drained => _drained.Task;

    public QueueOptions Options => Volatile.Read(ref _options);

    /// <summary>Lets an item in, or has it wait for room.</summary>
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
            item.Place = QueuePlace.Outside;
            item.Node = _outside.AddLast(item);
            return QueueAdmission.Pending;
        }
    }

    /// <summary>Ends the wait for room, unless it has ended.</summary>
    public void GiveUp(QueueItem item, QueueAdmission why)
    {
        lock (_gate)
        {
            if (item.Place == QueuePlace.Outside)
            {
                _outside.Remove(item.Node!);
                Reject(item, why);
            }
        }
    }

    /// <summary>Whether a worker should begin: one that is hired goes on until <see cref="Take"/> has nothing for it.</summary>
    public bool TryHire()
    {
        lock (_gate)
        {
            // Those that were hired and have not taken an item yet will take one each.
            if (!_isStarted || _waiting.Count <= _coming || _workers >= _options.Workers)
            {
                return false;
            }

            _workers++;
            _coming++;
            return true;
        }
    }

    /// <summary>The item that was accepted first; <see langword="null"/> sends the worker home.</summary>
    public QueueItem? Take(bool isNew)
    {
        lock (_gate)
        {
            _coming -= isNew ? 1 : 0;
            if (_waiting.First is not { } first || _workers > _options.Workers)
            {
                _workers--;
                return null;
            }

            var item = first.Value;
            _waiting.Remove(first);
            item.Place = QueuePlace.Running;
            _running.Add(item);
            AdmitOutside();
            return item;
        }
    }

    /// <summary>Puts an item in work back to where it was, and its worker to rest; not one that ended, or shall end, meanwhile.</summary>
    public bool PutBack(QueueItem item)
    {
        lock (_gate)
        {
            // Cancelled while it ran, nothing will take it out of the line.
            if (item.Place != QueuePlace.Running || item.Token.IsCancellationRequested)
            {
                return false;
            }

            _running.Remove(item);
            item.Place = QueuePlace.Waiting;
            var later = _waiting.First;
            while (later is not null && later.Value.Number < item.Number)
            {
                later = later.Next;
            }

            item.Node = later is null ? _waiting.AddLast(item) : _waiting.AddBefore(later, item);
            _tally.GoBack();
            _paused++;
            return true;
        }
    }

    /// <summary>The rest of a worker is over.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _paused--;
        }
    }

    /// <summary>Ends an item that waits; false where it does not.</summary>
    public bool TryCancel(QueueItem item)
    {
        lock (_gate)
        {
            if (item.Place != QueuePlace.Waiting)
            {
                return false;
            }

            _waiting.Remove(item.Node!);
            End(item, QueueEnd.Cancelled);
            AdmitOutside();
            return true;
        }
    }

    /// <summary>Ends an item in work; false where it was handed back meanwhile.</summary>
    public bool TryEnd(QueueItem item, QueueEnd how)
    {
        lock (_gate)
        {
            if (!_running.Remove(item))
            {
                return false;
            }

            End(item, how);
            return true;
        }
    }

    public void Start()
    {
        lock (_gate)
        {
            _isStarted = true;
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

    /// <summary>Lets nothing more in; whether what is in has a chance to be done.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_outside.First is { } first)
            {
                _outside.Remove(first);
                Reject(first.Value, QueueAdmission.Closed);
            }

            NoteDrained();
            return _isStarted;
        }
    }

    /// <summary>Ends all that waits or is in work. To be closed before.</summary>
    public IReadOnlyList<QueueItem> HandBack()
    {
        lock (_gate)
        {
            QueueItem[] left = [.. _running.OrderBy(item => item.Number), .. _waiting];
            _running.Clear();
            _waiting.Clear();
            foreach (var item in left)
            {
                End(item, QueueEnd.HandedBack);
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
                Waiting = _waiting.Count,
                Running = _running.Count,
                PausedWorkers = _paused,
                WaitingForRoom = _outside.Count,
                Accepted = _tally.Accepted,
                Completed = _tally.Of(QueueEnd.Completed),
                Failed = _tally.Of(QueueEnd.Failed),
                Cancelled = _tally.Of(QueueEnd.Cancelled),
                HandedBack = _tally.Of(QueueEnd.HandedBack),
                Rejected = _tally.Rejected,
                WentBack = _tally.WentBack,
                Options = _options.Clone(),
            };
        }
    }

    private void Accept(QueueItem item)
    {
        item.Number = _tally.Accept();
        item.Place = QueuePlace.Waiting;
        item.Node = _waiting.AddLast(item);
    }

    private void AdmitOutside()
    {
        while (_waiting.Count < _options.Capacity && _outside.First is { } first)
        {
            _outside.Remove(first);
            Accept(first.Value);
            first.Value.Admit(QueueAdmission.Accepted);
        }
    }

    private QueueAdmission Reject(QueueItem item, QueueAdmission why)
    {
        _tally.Reject(why);
        item.Place = QueuePlace.Gone;
        item.Admit(why);
        return why;
    }

    private void End(QueueItem item, QueueEnd how)
    {
        item.Place = QueuePlace.Gone;
        _tally.End(how);
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
