/* PageRank over a graph in rows by target.
 *
 * Twin: `rank_rows` in desk/fraud/measures.py. Rows are ordered by length, so the end of a row is where the branch
 * predictor expects it. What an account hands on along one of its edges (rank / out degree) stands in a slot; slots are
 * ordered by how many edges read them, so most loads are of a few cache lines, and are floats, so all of 200,000 fit
 * in the second-level cache. Sums are doubles: a rank is right to 1e-6 of itself.
 */
typedef struct {
    const int64_t *starts;   /* rows + 1 */
    const uint32_t *sources; /* edges: slots */
    const uint32_t *slots;   /* rows: the account's own slot */
    const double *shares;    /* rows: 1 / out degree, 0 for an account that pays nobody */
    double *ranks;           /* rows: the result */
    size_t rows, edges;
} Rows;

static int sound_rows(const Rows *g) {
    if (g->starts[0] != 0 || (size_t)g->starts[g->rows] != g->edges) return 0;
    for (size_t i = 0; i < g->rows; i++)
        if (g->starts[i + 1] < g->starts[i]) return 0;
    uint32_t most = 0;
    for (size_t e = 0; e < g->edges; e++)
        if (g->sources[e] > most) most = g->sources[e];
    for (size_t i = 0; i < g->rows; i++)
        if (g->slots[i] > most) most = g->slots[i];
    return most <= g->rows;
}

static double row_sum(const uint32_t *at, const uint32_t *end, const float *handed) {
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    for (; end - at >= 4; at += 4) {
        a += (double)handed[at[0]];
        b += (double)handed[at[1]];
        c += (double)handed[at[2]];
        d += (double)handed[at[3]];
    }
    for (; at < end; at++) a += (double)handed[*at];
    return (a + b) + (c + d);
}

static void rank_rows(const Rows *g, double damping, int iterations, float *handed, float *next) {
    double even = 1.0 / (double)g->rows, idle = 0.0;
    for (size_t i = 0; i < g->rows; i++) {
        g->ranks[i] = even;
        handed[g->slots[i]] = (float)(even * g->shares[i]);
        idle += g->shares[i] == 0.0 ? even : 0.0;
    }
    for (int round = 0; round < iterations; round++) {
        double floor = (1.0 - damping + damping * idle) * even;
        idle = 0.0;
        for (size_t i = 0; i < g->rows; i++) {
            double rank = floor + damping * row_sum(g->sources + g->starts[i], g->sources + g->starts[i + 1], handed);
            g->ranks[i] = rank;
            next[g->slots[i]] = (float)(rank * g->shares[i]);
            idle += g->shares[i] == 0.0 ? rank : 0.0;
        }
        float *swap = handed;
        handed = next;
        next = swap;
    }
}

/* rank_rows(starts, sources, slots, shares, damping, iterations, ranks): fills ranks. */
static PyObject *graph_rank(PyObject *Py_UNUSED(module), PyObject *args) {
    Py_buffer starts, sources, slots, shares, ranks;
    double damping;
    int iterations;
    if (!PyArg_ParseTuple(args, "y*y*y*y*diw*", &starts, &sources, &slots, &shares, &damping, &iterations, &ranks))
        return NULL;
    size_t rows = (size_t)shares.len / 8;
    Rows g = {starts.buf, sources.buf, slots.buf, shares.buf, ranks.buf, rows, (size_t)sources.len / 4};
    uintptr_t places = (uintptr_t)starts.buf | (uintptr_t)shares.buf | (uintptr_t)ranks.buf;
    int aligned = places % 8 == 0 && ((uintptr_t)sources.buf | (uintptr_t)slots.buf) % 4 == 0;
    int fits = aligned && rows > 0 && shares.len % 8 == 0 && sources.len % 4 == 0 && starts.len == shares.len + 8 &&
               ranks.len == shares.len && (size_t)slots.len == 4 * rows && iterations >= 0 && iterations <= 1000 && damping >= 0.0 && damping <= 1.0 &&
               sound_rows(&g);
    float *work = fits ? PyMem_Calloc(rows + 1, 8) : NULL;
    if (work) {
        Py_BEGIN_ALLOW_THREADS
        rank_rows(&g, damping, iterations, work, work + rows + 1);
        Py_END_ALLOW_THREADS
    } else if (fits) {
        PyErr_NoMemory();
    } else {
        PyErr_SetString(PyExc_ValueError, "rows are starts (int64), sources and slots (uint32) and shares (float64) that fit");
    }
    PyMem_Free(work);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&sources);
    PyBuffer_Release(&slots);
    PyBuffer_Release(&shares);
    PyBuffer_Release(&ranks);
    if (!work) return NULL;
    Py_RETURN_NONE;
}
