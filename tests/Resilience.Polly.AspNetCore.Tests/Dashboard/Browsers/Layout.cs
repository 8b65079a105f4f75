using Microsoft.Playwright;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>What can be measured of the looks of a page.</summary>
internal static class Layout
{
    private const string Probe =
        """
        () => {
            const faults = [];
            const root = document.documentElement;
            if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth} px`);
            const isClipped = node => getComputedStyle(node).clipPath !== 'none' || getComputedStyle(node).position === 'absolute' && node.getBoundingClientRect().right < 0;

            // The places of all texts, cut to what their surroundings let through.
            const texts = [];
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            for (let node; (node = walker.nextNode());) {
                if (!node.data.trim()) continue;
                const parent = node.parentElement;
                if (parent.closest('script, style, noscript, dialog') || !parent.checkVisibility({ visibilityProperty: true })) continue;
                let box = null;
                let isHidden = false;
                for (let outer = parent; outer; outer = outer.parentElement) {
                    if (isClipped(outer)) isHidden = true;
                    if (outer !== document.body && getComputedStyle(outer).overflowX !== 'visible' && !box) box = outer.getBoundingClientRect();
                }
                if (isHidden) continue;
                const size = parseFloat(getComputedStyle(parent).fontSize);
                if (size < 12) faults.push(`text of ${size} px: ${node.data.trim()}`);
                const range = document.createRange();
                range.selectNodeContents(node);
                for (const rect of range.getClientRects()) {
                    const left = Math.max(rect.left, box?.left ?? -1e9), right = Math.min(rect.right, box?.right ?? 1e9);
                    const top = Math.max(rect.top, box?.top ?? -1e9), bottom = Math.min(rect.bottom, box?.bottom ?? 1e9);
                    if (right - left > 1 && bottom - top > 1) texts.push({ node, left, right, top, bottom, text: node.data.trim(), floats: parent.closest('#events') !== null });
                }
            }
            texts.sort((one, other) => one.top - other.top);
            texts.forEach((one, index) => {
                for (let i = index + 1; i < texts.length && texts[i].top < one.bottom - 3; i++) {
                    const other = texts[i];
                    // The events stay in view and may lie above the list.
                    if (one.node !== other.node && one.floats === other.floats && Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1.5 && Math.min(one.bottom, other.bottom) - other.top > 3)
                        faults.push(`"${one.text}" overlaps "${other.text}"`);
                }
                if (one.left < -1 || one.right > root.clientWidth + 1) faults.push(`"${one.text}" leaves the window`);
            });

            // Labels of charts stand beside the plot and never on a line.
            for (const chart of document.querySelectorAll('.chart[viewBox]')) {
                for (const label of chart.querySelectorAll('text')) {
                    const box = label.getBoundingClientRect();
                    for (const line of chart.querySelectorAll('path')) {
                        const other = line.getBoundingClientRect();
                        if (line.getAttribute('d') && Math.min(box.right, other.right) - Math.max(box.left, other.left) > 0.5 && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 2.5)
                            faults.push(`the label "${label.textContent}" stands on a line`);
                    }
                }
                const [from, to] = [...chart.querySelectorAll('text')].slice(-2).map(label => label.getBoundingClientRect());
                if (from.right > to.left) faults.push('the labels of the time axis overlap');
            }
            for (const node of document.querySelectorAll('.card, .tile, .log li, .row'))
                if (node.scrollWidth > node.clientWidth + 1) faults.push(`${node.className} is wider than its place: ${node.textContent.slice(0, 60)}`);
            return faults.slice(0, 20);
        }
        """;

    /// <summary>What is wrong, a line each; empty where nothing is.</summary>
    public static async Task<string> FaultsAsync(IPage page) => string.Join("\n", await page.EvaluateAsync<string[]>(Probe));

    /// <summary>Keeps a picture for people, in the folder that DASHBOARD_SCREENSHOTS names.</summary>
    public static async Task PictureAsync(IPage page, string name, bool isWhole = true)
    {
        if (Environment.GetEnvironmentVariable("DASHBOARD_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = isWhole });
        }
    }
}
