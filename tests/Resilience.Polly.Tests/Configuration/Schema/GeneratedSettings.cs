using System.Globalization;
using System.Text.Json.Nodes;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>Draws a configuration file. It has one fault at most: in a file with two, each would hide that schema and loader differ about the other.</summary>
/// <param name="random">Where it is drawn from.</param>
/// <param name="faultAt">Which of the places that can be faulty is, from 0. None is where this is negative or larger than the file.</param>
internal sealed class GeneratedSettings(Random random, int faultAt)
{
    private static readonly string[] Names = ["payments", "search", "Ads", "orders-2", "a b", "tenants/*", "0", "ünïcode", "Retry", "default.v1"];
    private static readonly string[] BadNames = ["", "  ", "payments:typo", ":", "a:b"];

    private int _places;

    public JsonObject File()
    {
        var file = new JsonObject();
        if (random.Next(3) == 0)
        {
            file["$schema"] = "https://example/resilience.schema.json";
        }

        if (random.Next(3) == 0)
        {
            file["Logging"] = new JsonObject { ["LogLevel"] = new JsonObject { ["Polly"] = "None" } };
        }

        file["Resilience"] = IsFaulty() ? NoBlock() : Section();
        return file;
    }

    private JsonObject Section()
    {
        var section = new JsonObject();
        if (random.Next(3) == 0)
        {
            section["Defaults"] = Maybe(NoBlock) ?? Block(LoaderTable.Pipeline.Where(key => IsFaulty() || key.Name != nameof(PipelineOptions.BasedOn)), []);
        }

        if (random.Next(8) > 0)
        {
            section["Pipelines"] = Maybe(NoBlock) ?? Named(LoaderTable.Pipeline);
        }

        if (random.Next(3) == 0)
        {
            section["Queues"] = Maybe(NoBlock) ?? Named(LoaderTable.Queue);
        }

        if (IsFaulty())
        {
            section[Pick("Pipeline", "Preset", "Retry", "Alerts")] = new JsonObject();
        }

        return section;
    }

    private JsonObject Named(IReadOnlyList<LoaderKey> keys)
    {
        var named = new JsonObject();
        foreach (var name in random.GetItems(Names, random.Next(4)).Distinct())
        {
            named[Maybe(() => Pick(BadNames)) ?? name] = Maybe(NoBlock) ?? Block(keys, []);
        }

        return named;
    }

    private JsonObject Block(IEnumerable<LoaderKey> keys, IReadOnlyList<string> presets)
    {
        var known = keys.ToArray();
        var chosen = known.Where(_ => random.Next(3) == 0).ToArray();
        random.Shuffle(chosen);
        var block = new JsonObject();
        if (presets.Count > 0 && random.Next(3) == 0)
        {
            block["Preset"] = IsFaulty() ? Any("Fast", 5, true, NoValue()) : random.Next(6) == 0 ? null : Pick([.. presets]);
        }
        else if (presets.Count == 0 && IsFaulty())
        {
            block["Preset"] = Any("LowLatency", "", 5, null, NoValue());
        }

        foreach (var key in chosen)
        {
            block[key.Name] = !key.IsBlock ? Value(key) : Maybe(NoBlock) ?? Block(key.Keys, key.Presets);
        }

        if (IsFaulty())
        {
            block[Pick("Backoff", "MaxAttempt", "Enabled2", "", "Jitters", "$schema")] = Any("x", 5, true, null, NoValue(), new JsonObject());
        }

        return block;
    }

    private JsonNode? Value(LoaderKey key)
    {
        if (key.Range == "true or false")
        {
            return IsFaulty() ? Any("yes", "", "1", 1, 0, null, NoValue()) : random.Next(2) == 0;
        }

        if (key.Range!.Split(" to ") is [var min, var max])
        {
            return min.Contains(':', StringComparison.Ordinal) ? Duration(key, Parse(min), Parse(max)) : Number(key, double.Parse(min, CultureInfo.InvariantCulture), double.Parse(max, CultureInfo.InvariantCulture));
        }

        return key.Range switch
        {
            "the name of a pipeline" => IsFaulty() ? Any("", "  ", "\t", NoValue()) : Pick([.. Names, null, "nobody", "PAYMENTS"]),
            "HTTP methods, separated by commas" => IsFaulty() ? Any("", " ", "GET,", ",GET", "GET PUT", "GÉT", "GET;PUT", NoValue()) : Pick("GET", "GET, HEAD,PUT", " get ,put ", "X-MINE", null),
            "the name of a header" => IsFaulty() ? Any("", "X Id", "X-Id:", "Größe", "X\"Id", null, NoValue()) : Pick("X-Request-ID", "X-Id", "traceparent", "!#$%&'*+-.^_`|~09azAZ"),
            "an absolute http or https address without credentials" => IsFaulty()
                ? Any("payments", "", "/path", "ftp://bank.example", "https://", "https://me:pass@bank.example", "https://me@bank.example", "https:/bank.example", NoValue())
                : Pick("https://bank.example", "http://10.0.0.1:8080/path", "HTTPS://Bank.Example/a?b=c@d#e@f", "http://[::1]:80", "https://bank.example/~me@home", null),
            var choices => Choice(choices.Split(", ")),
        };
    }

    private JsonNode? Choice(string[] choices) => IsFaulty() ? Any("Sometimes", "", "0", "1", 1, true, null, $"{choices[0]},{choices[^1]}", $" {choices[0]}", NoValue()) : Pick(choices);

    private JsonNode? Number(LoaderKey key, double min, double max)
    {
        var isWhole = SettingProperty.All.Where(property => property.Property.Name == key.Name).All(property => property.Type == typeof(int));
        if (IsFaulty())
        {
            return random.Next(3) > 0
                ? Beyond(random.Next(2) == 0)
                : Any("three", "", "5 s", "0,2", "1,000", "NaN", true, NoValue(), Raw("1e300"), Raw("-1e300"), Raw("99999999999"), isWhole ? Raw("1.5") : Raw("-0.5"), CanBeNull(key) ? "none" : null);
        }

        if (CanBeNull(key) && random.Next(6) == 0)
        {
            return null;
        }

        var value = random.Next(4) switch
        {
            0 => min,
            1 => max,
            _ when isWhole => random.NextInt64((long)min, (long)max + 1),
            _ => min + (random.NextDouble() * (max - min)),
        };
        return Raw(random.Next(3) switch
        {
            0 => value.ToString("E16", CultureInfo.InvariantCulture),
            1 when isWhole => $"{value.ToString(CultureInfo.InvariantCulture)}.0",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        });

        JsonNode Beyond(bool above)
        {
            var bound = above ? max : min;
            return Raw((isWhole ? bound + (above ? 1 : -1) : above ? Math.BitIncrement(bound) : Math.BitDecrement(bound)).ToString("R", CultureInfo.InvariantCulture));
        }
    }

    private JsonNode? Duration(LoaderKey key, TimeSpan min, TimeSpan max)
    {
        if (!IsFaulty())
        {
            var value = random.Next(4) switch
            {
                0 => min,
                1 => max,
                2 => TimeSpan.FromSeconds(random.Next((int)Math.Ceiling(min.TotalSeconds), (int)max.TotalSeconds)),
                _ => TimeSpan.FromTicks(random.NextInt64(min.Ticks, max.Ticks + 1)),
            };
            return CanBeNull(key) && random.Next(6) == 0 ? null : Write(value);
        }

        return random.Next(4) switch
        {
            0 => Write(random.Next(2) == 0 ? min - TimeSpan.FromTicks(1) : max + TimeSpan.FromTicks(1)),
            1 => Any(
                "", "30", "30s", "PT30S", "05:00", "5:00", "1.05:00", "24:00:00", "00:60:00", "00:00:60", "1:00:00:00", "00:00:30.", "00:00:30.12345678", ".5", "00:00:.5", " 00:00:30", "00:00:30 ",
                "+00:00:30", "-00:00:30", "-00:00:00.001", "00:00:30,5", "1,00:00:00", "infinite", "00:00:-1", "٠٠:٠٠:٣٠", "99999999999.00:00:00", "000:00:30", "00:00:030"),
            2 => AnyText(),
            _ => Any(30, 2.5, true, NoValue(), CanBeNull(key) ? "null" : null),
        };
    }

    /// <summary>A text of the characters of a duration, which is one sometimes.</summary>
    public string AnyText() => new([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => "0001259:::.. -"[random.Next(14)])]);

    /// <summary>Writes a duration in one of the forms that the page allows: zeros may be left out.</summary>
    public string Write(TimeSpan value)
    {
        var sign = value < TimeSpan.Zero ? "-" : "";
        value = value.Duration();
        var days = value.Days > 0 || random.Next(4) == 0 ? $"{value.Days}." : "";
        var parts = random.Next(2) == 0 ? $"{value.Hours:00}:{value.Minutes:00}:{value.Seconds:00}" : $"{value.Hours}:{value.Minutes}:{value.Seconds}";
        var fraction = (value.Ticks % TimeSpan.TicksPerSecond).ToString("0000000", CultureInfo.InvariantCulture);
        return $"{sign}{days}{parts}{(random.Next(2) == 0 ? $".{fraction}" : $".{fraction.TrimEnd('0')}".TrimEnd('.'))}";
    }

    private JsonNode? NoBlock() => Any("on", "00:00:30", 5, true, new JsonArray(1), new JsonArray(new JsonArray("x")));

    private JsonNode? NoValue() => random.Next(2) == 0 ? new JsonObject { ["Value"] = 5 } : new JsonArray(3);

    private bool IsFaulty() => _places++ == faultAt;

    private T? Maybe<T>(Func<T?> fault)
        where T : class => IsFaulty() ? fault() : null;

    private T Pick<T>(params T[] values) => values[random.Next(values.Length)];

    private JsonNode? Any(params JsonNode?[] values) => Pick(values)?.DeepClone();

    private static bool CanBeNull(LoaderKey key) => SettingProperty.All.Where(property => property.Property.Name == key.Name).All(property => property.CanBeNull);

    private static JsonNode Raw(string number) => JsonNode.Parse(number)!;

    private static TimeSpan Parse(string text) => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);
}
