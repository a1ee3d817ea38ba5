"""A picture of costs over a number that grows tenfold: one line for each operation."""

LEFT, TOP_EDGE, WIDTH, HEIGHT = 80, 60, 560, 330         # of the plot, in the picture's units


def draw(title, axis, sizes, results, modes):
    """Return the picture of results, a list of a value per size for each mode; modes: what it is called, and its colour.

    sizes grow by the same factor, half a decade, so what is O(log n) is a straight line.  axis: what they count.
    """
    most = max(max(values) for values in results.values())
    step = 1000
    top = (most // step + 1) * step
    last = len(sizes) - 1

    def x(i):
        return LEFT + WIDTH * i / last

    def y(value):
        return TOP_EDGE + HEIGHT * (1 - value / top)

    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 460" '
           'font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">',
           f"  <title>{title}</title>",
           '  <rect fill="#f7f9fb" stroke="#8a97a5" x="1" y="1" width="878" height="458" rx="8"/>',
           '  <text x="24" y="30" font-size="14" font-weight="bold" fill="#18222c">Instructions per operation</text>']
    for value in range(0, top + 1, step):
        out.append(f'  <path stroke="#d5dbe1" d="M{LEFT} {y(value):.1f} h{WIDTH}"/>')
        out.append(f'  <text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#5a6672">{value}</text>')
    for i, size in enumerate(sizes):
        if i % 2 == 0:
            out.append(f'  <text x="{x(i):.1f}" y="{TOP_EDGE + HEIGHT + 20}" text-anchor="middle" fill="#5a6672">'
                       f"{size:,}</text>")
    out.append(f'  <text x="{LEFT + WIDTH / 2}" y="{TOP_EDGE + HEIGHT + 42}" text-anchor="middle" fill="#18222c">'
               f"{axis} (logarithmic: a straight line grows with log n)</text>")
    labels = []                 # from the top down, none closer than 18 to the one above
    for mode in sorted(results, key=lambda m: -results[m][last]):
        labels.append(max(y(results[mode][last]) + 4, labels[-1] + 18 if labels else 0))
        name, colour = modes[mode]
        points = " ".join(f"{x(i):.1f},{y(v):.1f}" for i, v in enumerate(results[mode]))
        out.append(f'  <polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
        for i, value in enumerate(results[mode]):
            out.append(f'  <circle fill="{colour}" cx="{x(i):.1f}" cy="{y(value):.1f}" r="3"/>')
        out.append(f'  <text x="{LEFT + WIDTH + 10}" y="{labels[-1]:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*out, "</svg>", ""])
