/* The streaming score: one payment at a time, one 64-byte row an account.
 *
 * Twin: `PlainStream` in desk/fraud/scorer.py, which also holds the formula in words. Additions, multiplications and
 * divisions only, in the twin's order: the same bits wherever products are not fused. The rows of the payments to come
 * are asked for early, because each would be a miss otherwise.
 */
enum { AHEAD = 12, SIGN_RATE = 1, SIGN_AMOUNT = 2, SIGN_THROUGH = 4, SIGN_FRESH = 8, SIGN_WOKEN = 16, KNOWN_FROM = 5 };

typedef struct {
    uint32_t source, target;
    int64_t at;
    double amount;
} Paid;

typedef struct {
    double mean, spread, rate, inflow, outflow;
    uint64_t known;
    uint32_t last, last_sent, count, bits;
} Seen;

typedef struct {
    PyObject_HEAD
    size_t accounts;
    void *block;
    Seen *rows;
} Stream;

static const double HOUR = 3600.0, WINDOW = 172800.0;
static const uint32_t ASLEEP = 7776000;

static double most(double value, double limit) { return value < limit ? value : limit; }

static uint32_t since(uint32_t now, uint32_t then) { return now > then ? now - then : 0; }

static double stream_step(Seen *rows, const Paid *e, uint8_t *signs) {
    Seen *s = rows + e->source, *r = rows + e->target;
    uint32_t now = (uint32_t)e->at, quiet = since(now, s->last_sent);
    double a = e->amount, keep = WINDOW / (WINDOW + (double)since(now, s->last));
    double rate = s->count ? s->rate * (HOUR / (HOUR + (double)quiet)) + 1.0 : 1.0;
    double in = s->inflow * keep, out = s->outflow * keep + a, away = a - s->mean;
    double z = s->count >= KNOWN_FROM && away > 0.0 ? away / (s->spread + s->mean * 0.25) : 0.0;
    double through = s->count && in > 3.0 * s->mean ? (out < in ? out / in : in / out) : 0.0;
    uint64_t bit = 1ull << (e->target * 2654435769u >> 26);
    int strange = !(s->known & bit);
    double fresh = strange && s->count ? 1.0 - (double)s->bits * 0.015625 : 0.0;
    double woken = s->count && quiet > ASLEEP ? 1.0 : 0.0;
    double raw = 0.15 * most(z, 20.0) + 0.1 * most(rate > 3.0 ? rate - 3.0 : 0.0, 20.0) + 0.8 * through + 0.3 * fresh +
                 0.9 * woken;
    *signs = (uint8_t)((rate > 10.0) * SIGN_RATE | (z > 4.0) * SIGN_AMOUNT | (through > 0.8) * SIGN_THROUGH |
                       (fresh > 0.5) * SIGN_FRESH | (woken > 0.0) * SIGN_WOKEN);
    if (s->count) {
        s->spread += ((away < 0.0 ? -away : away) - s->spread) * 0.0625;
        s->mean += away * 0.0625;
    } else {
        s->mean = a;
    }
    s->rate = rate;
    s->inflow = in;
    s->outflow = out;
    s->known |= bit;
    s->bits += (uint32_t)strange;
    s->last = s->last > now ? s->last : now;
    s->last_sent = s->last_sent > now ? s->last_sent : now;
    s->count += s->count != 0xffffffffu;
    keep = WINDOW / (WINDOW + (double)since(now, r->last));
    r->inflow = r->inflow * keep + a;
    r->outflow *= keep;
    r->last = r->last > now ? r->last : now;
    return raw / (1.0 + raw);
}

static int sound_payment(const Stream *self, const Paid *e) {
    return (e->source < self->accounts) & (e->target < self->accounts) & (e->at >= 0) & (e->at <= 0xffffffffll) &
           (e->amount > 0.0) & (e->amount <= 1e18);
}

static PyObject *stream_run(PyObject *object, PyObject *args) {
    Stream *self = (Stream *)object;
    Py_buffer events, scores, signs;
    if (!PyArg_ParseTuple(args, "y*w*w*", &events, &scores, &signs)) return NULL;
    size_t n = (size_t)events.len / sizeof(Paid), bad = 0;
    const Paid *e = events.buf;
    int fits = events.len % (Py_ssize_t)sizeof(Paid) == 0 && (size_t)scores.len == n * 8 && (size_t)signs.len == n &&
               (uintptr_t)events.buf % 8 == 0 && (uintptr_t)scores.buf % 8 == 0;
    if (fits) {
        while (bad < n && sound_payment(self, e + bad)) bad++;
        fits = bad == n;
    }
    for (size_t i = 0; fits && i < n; i++) {
        if (i + AHEAD < n) {
            __builtin_prefetch(self->rows + e[i + AHEAD].source, 1);
            __builtin_prefetch(self->rows + e[i + AHEAD].target, 1);
        }
        ((double *)scores.buf)[i] = stream_step(self->rows, e + i, (uint8_t *)signs.buf + i);
    }
    if (!fits) PyErr_Format(PyExc_ValueError, "payment %zu is no payment between accounts of this stream", bad);
    PyBuffer_Release(&events);
    PyBuffer_Release(&scores);
    PyBuffer_Release(&signs);
    if (!fits) return NULL;
    Py_RETURN_NONE;
}

/* one(source, target, at, amount) -> (score, signs) */
static PyObject *stream_one(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    Stream *self = (Stream *)object;
    static const long long limits[3] = {0xffffffffll, 0xffffffffll, 0xffffffffll};
    long long v[3];
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "one takes source, target, at, amount");
        return NULL;
    }
    int fits = whole(args, 3, limits, v);
    if (fits < 0) return NULL;
    Paid e = {(uint32_t)v[0], (uint32_t)v[1], v[2], PyFloat_AsDouble(args[3])};
    if (PyErr_Occurred()) return NULL;
    if (!fits || !sound_payment(self, &e)) {
        PyErr_SetString(PyExc_ValueError, "payment 0 is no payment between accounts of this stream");
        return NULL;
    }
    uint8_t signs;
    double score = stream_step(self->rows, &e, &signs);
    return Py_BuildValue("(di)", score, (int)signs);
}

static PyObject *stream_rows(PyObject *object, PyObject *Py_UNUSED(none)) {
    Stream *self = (Stream *)object;
    return PyBytes_FromStringAndSize((const char *)self->rows, (Py_ssize_t)(self->accounts * sizeof(Seen)));
}

static PyObject *stream_new(PyTypeObject *type, PyObject *args, PyObject *names) {
    static char *known[] = {"accounts", NULL};
    long long accounts;
    if (!PyArg_ParseTupleAndKeywords(args, names, "L", known, &accounts)) return NULL;
    if (accounts < 1 || accounts > 1 << 24) {
        PyErr_SetString(PyExc_ValueError, "a stream has 1 to 2**24 accounts");
        return NULL;
    }
    Stream *self = (Stream *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!self) return NULL;
    self->accounts = (size_t)accounts;
    self->block = PyMem_Calloc(self->accounts + 1, sizeof(Seen));
    if (!self->block) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    self->rows = (Seen *)(((uintptr_t)self->block + 63) & ~(uintptr_t)63);
    return (PyObject *)self;
}

static void stream_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    PyMem_Free(((Stream *)object)->block);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyMethodDef stream_methods[] = {
    {"run", stream_run, METH_VARARGS, "run(events, scores, signs): a batch of 24-byte payments; all of them or none."},
    {"one", (PyCFunction)(void (*)(void))stream_one, METH_FASTCALL, "one(source, target, at, amount): (score, signs)."},
    {"rows", stream_rows, METH_NOARGS, "rows(): the state, 64 bytes an account."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot stream_slots[] = {
    {Py_tp_doc, "Stream(accounts): see desk/fraud/scorer.py."},
    {Py_tp_new, stream_new},
    {Py_tp_dealloc, stream_dealloc},
    {Py_tp_methods, stream_methods},
    {0, NULL},
};

static PyType_Spec stream_spec = {"desk._core.Stream", sizeof(Stream), 0, Py_TPFLAGS_DEFAULT, stream_slots};

static int add_stream(PyObject *module) {
    PyObject *type = PyType_FromSpec(&stream_spec);
    if (!type) return -1;
    int failed = PyModule_AddObjectRef(module, "Stream", type);
    Py_DECREF(type);
    return failed;
}
