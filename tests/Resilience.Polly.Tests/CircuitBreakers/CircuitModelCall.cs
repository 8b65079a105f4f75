using System.Net;
using System.Net.Sockets;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>How an attempt ends in the model test.</summary>
internal enum Answer
{
    Success,
    TimedOut,
    Refused,
    ServerError,
    NotFound,
    Business,
    Cancelled,
    BrokenByCancellation,
    SuccessInSpiteOfCancellation,
}

/// <summary>One call, held open in a real pipeline, and beside it what must become of it.</summary>
internal sealed class CircuitModelCall(int number, HeldCall real, CircuitModel model, CircuitVariant variant)
{
    private CircuitModel.Admission? _admission;
    private bool _isProbe;
    private TimeSpan _attemptBegan = model.Now;

    public int Number => number;

    public HeldCall Real => real;

    public int Attempts { get; private set; }

    /// <summary>Whether the circuit lets the call in.</summary>
    public bool Begin()
    {
        var isAdmitted = Admit();
        Attempts = isAdmitted ? 1 : 0;
        return isAdmitted;
    }

    /// <summary>Ends the attempt under way; whether the call makes another one.</summary>
    public bool End(Answer answer)
    {
        Reply(answer);
        var verdict = VerdictOf(answer);
        var isRetried = answer is Answer.TimedOut or Answer.Refused && Attempts < variant.MaxAttempts;
        if (variant.CountPer == CircuitCount.Attempt)
        {
            model.Finish(_admission, verdict, model.Now - _attemptBegan);
        }

        if (isRetried && !_isProbe && (!variant.Enforces || model.State == CircuitState.Closed))
        {
            if (variant.CountPer == CircuitCount.Attempt)
            {
                Admit();
            }

            Attempts++;
            _attemptBegan = model.Now;
            return true;
        }

        if (variant.CountPer == CircuitCount.Call)
        {
            model.Finish(_admission, verdict, model.Now - _attemptBegan);
        }

        return false;
    }

    public static Verdict VerdictOf(Answer answer) => answer switch
    {
        Answer.TimedOut or Answer.Refused or Answer.ServerError => Verdict.Failure,
        Answer.Cancelled or Answer.BrokenByCancellation => Verdict.Neither,
        _ => Verdict.Success,
    };

    private bool Admit()
    {
        _admission = model.Admit();
        _isProbe = variant.Enforces && _admission is not null && model.State == CircuitState.HalfOpen;
        return _admission is not null || !variant.Enforces;
    }

    private void Reply(Answer answer)
    {
        if (answer is Answer.Cancelled or Answer.BrokenByCancellation or Answer.SuccessInSpiteOfCancellation)
        {
            real.Cancel();
        }

        switch (answer)
        {
            case Answer.TimedOut: real.Fail(new TimeoutException()); break;
            case Answer.Refused: real.Fail(new SocketException((int)SocketError.ConnectionRefused)); break;
            case Answer.ServerError: real.Fail(new HttpRequestException(null, null, HttpStatusCode.InternalServerError)); break;
            case Answer.NotFound: real.Fail(new HttpRequestException(null, null, HttpStatusCode.NotFound)); break;
            case Answer.Business: real.Fail(new InvalidOperationException()); break;
            case Answer.Cancelled: real.Fail(new OperationCanceledException(real.CallerToken)); break;
            case Answer.BrokenByCancellation: real.Fail(new TimeoutException()); break;
            default: real.Answer(); break;
        }
    }
}
