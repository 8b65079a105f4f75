using Resilience.Polly.Primitives;
using Resilience.Polly.Settings;

namespace Resilience.Polly.Configuration;

/// <summary>Builds the options of every queue: the defaults, its sections, code. Adds to the faults that were found before it.</summary>
internal sealed class QueueComposer(ResilienceRegistrations setup, IReadOnlyDictionary<string, NamedOptions> pipelines, PipelineTemplates templates, ICollection<SettingFault> faults)
{
    private readonly Dictionary<string, NamedQueue> _queues = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyDictionary<string, NamedQueue> Compose(IEnumerable<SettingsEntry> sections)
    {
        foreach (var queues in sections.Select(section => section["Queues"]).OfType<SettingsEntry>())
        {
            ReadAll(queues);
        }

        foreach (var group in setup.CodeQueues.GroupBy(code => code.Name, StringComparer.OrdinalIgnoreCase))
        {
            Run([.. group]);
        }

        return _queues;
    }

    private void ReadAll(SettingsEntry queues)
    {
        if (!string.IsNullOrEmpty(queues.Value))
        {
            faults.Add(SettingFault.At(queues, "a block of named queues is expected here"));
        }

        foreach (var entry in queues.Children)
        {
            var options = OptionsOf(entry.Key.ToString(), queues.Path);
            QueueOptions.Settings.Read(entry, options, faults);
            CheckPipeline(options, entry.Path);
        }
    }

    private void Run(CodeQueue[] codes)
    {
        var name = codes[^1].Name;
        var options = OptionsOf(name, "an AddRequestQueue call");
        var path = $"Queues:{name}";
        if (codes.Length > 1)
        {
            faults.Add(new(path, null, "AddRequestQueue was called twice with this name; put all settings into one call"));
        }

        var before = options.Pipeline;
        QueueOptions.Settings.Run(codes[^1].Configure, options, path, "queue", faults);
        if (options.Pipeline != before)
        {
            CheckPipeline(options, path);
        }
    }

    private void CheckPipeline(QueueOptions options, string path)
    {
        if (!string.IsNullOrWhiteSpace(options.Pipeline) && !pipelines.ContainsKey(options.Pipeline) && templates.Find(options.Pipeline) is null)
        {
            faults.Add(new($"{path}:Pipeline", $"\"{options.Pipeline}\"", NameList.NoPipeline(pipelines.Keys)));
        }
    }

    private QueueOptions OptionsOf(string name, string where)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            faults.Add(new(where, $"\"{name}\"", "the name of a queue is empty"));
        }

        if (!_queues.TryGetValue(name, out var queue))
        {
            _queues.Add(name, queue = new NamedQueue(name, new QueueOptions()));
        }

        return queue.Options;
    }
}
