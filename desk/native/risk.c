/* What-if risk: a portfolio's P&L over T scenarios and the profit of one unit of each instrument.
 *
 * Twin: `NumpyScenarios` in desk/risk/scenarios.py. VaR is the same order statistic, CVaR the same mean up to the order
 * of its additions. The interpreter's lock serialises; nothing is allocated after the constructor.
 *
 * The scenarios that are worst before the trade are known; after it at least k of all scenarios are no better than
 * the best of those k, so one pass keeps only the few that are no better (no branch to mispredict) and the k worst are
 * found among them. A trade that turns everything around keeps more and is slower, never wrong.
 */
#include <math.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define BLOCK 8

typedef size_t (*Keep)(const double *, const double *, double, double, size_t, double *);

typedef struct {
    PyObject_HEAD
    Py_ssize_t scenarios, columns;
    Keep keep;
    double *pnl;     /* scenarios */
    double *changes; /* columns * scenarios, one instrument after the other */
    double *tail;    /* scenarios: those that may be among the worst */
    uint32_t *worst; /* scenarios: the first `known` are the worst of pnl, worst first */
    Py_ssize_t known;
    newfunc new_tuple;
    PyTypeObject *loss, *change; /* kinds of tuple: (VaR, CVaR), and (before, after) */
} Scenarios;

static void sift_down(double *heap, size_t count, size_t at, double value) {
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count) break;
        if (child + 1 < count && heap[child + 1] > heap[child]) child++;
        if (!(heap[child] > value)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = value;
}

static void sink_index(uint32_t *heap, size_t count, const double *pnl, uint32_t value) {
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count) break;
        if (child + 1 < count && pnl[heap[child + 1]] > pnl[heap[child]]) child++;
        if (!(pnl[heap[child]] > pnl[value])) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = value;
}

/* Makes the first k of `values` a heap of the k smallest, the largest of them in front. */
static void keep_smallest(double *values, size_t count, size_t k) {
    for (size_t i = k / 2; i-- > 0;) sift_down(values, k, i, values[i]);
    for (size_t i = k; i < count; i++)
        if (values[i] < values[0]) sift_down(values, k, 0, values[i]);
}

static void after_trade(Scenarios *self, const double *column, double units) {
    for (Py_ssize_t i = 0; i < self->scenarios; i++) self->tail[i] = self->pnl[i] + units * column[i];
}

/* Finds the k worst scenarios of pnl and puts them in order (heap sort, so that k near T costs T log T). */
static void rank_worst(Scenarios *self, size_t k) {
    const double *pnl = self->pnl;
    uint32_t *heap = self->worst;
    for (size_t i = 0; i < (size_t)self->scenarios; i++) {
        size_t at;
        if (i < k) {
            for (at = i; at > 0 && pnl[heap[(at - 1) / 2]] < pnl[i]; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
            heap[at] = (uint32_t)i;
        } else if (pnl[i] < pnl[heap[0]]) {
            sink_index(heap, k, pnl, (uint32_t)i);
        }
    }
    for (size_t left = k; left-- > 1;) {
        uint32_t last = heap[left];
        heap[left] = heap[0];
        sink_index(heap, left, pnl, last);
    }
    self->known = (Py_ssize_t)k;
}

/* Appends what is at most `most` among n values to `tail`; returns how many are there now. */
static size_t keep_some(const double *pnl, const double *column, double units, double most, size_t n, double *tail,
                        size_t kept) {
    for (size_t j = 0; j < n; j++) {
        double value = pnl[j] + units * column[j];
        if (value <= most) tail[kept++] = value;
    }
    return kept;
}

/* The same over everything; blocks in which nothing is at most `most` are passed over at once. */
static size_t keep_plain(const double *pnl, const double *column, double units, double most, size_t count,
                         double *tail) {
    size_t kept = 0, i = 0;
#ifdef __SSE2__
    __m128d u = _mm_set1_pd(units), bound = _mm_set1_pd(most);
    for (; i + BLOCK <= count; i += BLOCK) {
        __m128d some = _mm_setzero_pd();
        for (size_t j = i; j < i + BLOCK; j += 2) {
            __m128d value = _mm_add_pd(_mm_loadu_pd(pnl + j), _mm_mul_pd(u, _mm_loadu_pd(column + j)));
            some = _mm_or_pd(some, _mm_cmple_pd(value, bound));
        }
        if (_mm_movemask_pd(some)) kept = keep_some(pnl + i, column + i, units, most, BLOCK, tail, kept);
    }
#endif
    return keep_some(pnl + i, column + i, units, most, count - i, tail, kept);
}

#ifdef __x86_64__
/* Four at a time where the processor can; product and sum stay two roundings, so the values are the same bits. */
__attribute__((target("avx2"))) static size_t keep_avx2(const double *pnl, const double *column, double units,
                                                        double most, size_t count, double *tail) {
    size_t kept = 0, i = 0;
    __m256d u = _mm256_set1_pd(units), bound = _mm256_set1_pd(most);
    for (; i + 2 * BLOCK <= count; i += 2 * BLOCK) {
        __m256d some = _mm256_setzero_pd();
        for (size_t j = i; j < i + 2 * BLOCK; j += 4) {
            __m256d value = _mm256_add_pd(_mm256_loadu_pd(pnl + j), _mm256_mul_pd(u, _mm256_loadu_pd(column + j)));
            some = _mm256_or_pd(some, _mm256_cmp_pd(value, bound, _CMP_LE_OQ));
        }
        if (_mm256_movemask_pd(some)) kept = keep_some(pnl + i, column + i, units, most, 2 * BLOCK, tail, kept);
    }
    return keep_some(pnl + i, column + i, units, most, count - i, tail, kept);
}
#endif

/* The k smallest of pnl + units * column stand in front of `tail`, the largest of them first. */
static void keep_worst(Scenarios *self, const double *column, double units, size_t k) {
    const double *pnl = self->pnl;
    double *tail = self->tail, most;
    size_t count = (size_t)self->scenarios, kept;
    if (self->known < (Py_ssize_t)k) rank_worst(self, k);
    most = pnl[self->worst[0]] + units * column[self->worst[0]];
    for (size_t i = 1; i < k; i++) {
        double value = pnl[self->worst[i]] + units * column[self->worst[i]];
        most = value > most ? value : most;
    }
    kept = self->keep(pnl, column, units, most, count, tail);
    if (kept < k) { /* only numbers that are not finite compare so; what comes out is not finite either */
        after_trade(self, column, units);
        kept = count;
    }
    keep_smallest(tail, kept, k);
}

/* type((one, two)), by the constructor of tuples itself: a NamedTuple's own costs as much as the measure. Takes both. */
static PyObject *packed(const Scenarios *self, PyTypeObject *type, PyObject *one, PyObject *two) {
    PyObject *made = NULL, *plain = PyTuple_New(2), *outer = PyTuple_New(1);
    if (one && two && plain && outer) {
        PyTuple_SetItem(plain, 0, one);
        PyTuple_SetItem(plain, 1, two);
        PyTuple_SetItem(outer, 0, plain);
        made = self->new_tuple(type, outer, NULL);
    } else {
        Py_XDECREF(one);
        Py_XDECREF(two);
        Py_XDECREF(plain);
    }
    Py_XDECREF(outer);
    return made;
}

/* The loss after trading; None when it is not finite. */
static PyObject *tail_loss(Scenarios *self, const double *column, double units, long long k) {
    if (k < 1 || k > self->scenarios) {
        PyErr_Format(PyExc_ValueError, "a tail of %lld does not fit %zd scenarios", k, self->scenarios);
        return NULL;
    }
    keep_worst(self, column, units, (size_t)k);
    double sum = 0.0, most = self->tail[0];
    for (long long i = 0; i < k; i++) sum += self->tail[i];
    if (!isfinite(sum)) Py_RETURN_NONE;
    return packed(self, self->loss, PyFloat_FromDouble(-most), PyFloat_FromDouble(-sum / (double)k));
}

static double *column_of(const Scenarios *self, PyObject *index) {
    long long column = PyLong_AsLongLong(index);
    if (column == -1 && PyErr_Occurred()) return NULL;
    if (column < 0 || column >= self->columns) {
        PyErr_Format(PyExc_IndexError, "column %lld is not one of %zd", column, self->columns);
        return NULL;
    }
    return self->changes + column * self->scenarios;
}

/* what_if(column, units, tail, before) -> change(before, loss of pnl + units * column), or None */
static PyObject *scenarios_what_if(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    Scenarios *self = (Scenarios *)object;
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "what_if takes column, units, tail, before");
        return NULL;
    }
    double *column = column_of(self, args[0]);
    if (!column) return NULL;
    double units = PyFloat_AsDouble(args[1]);
    long long tail = PyLong_AsLongLong(args[2]);
    if (PyErr_Occurred()) return NULL;
    PyObject *after = tail_loss(self, column, units, tail);
    if (!after || after == Py_None) return after;
    Py_INCREF(args[3]);
    return packed(self, self->change, args[3], after);
}

static PyObject *scenarios_loss(PyObject *object, PyObject *tail) {
    Scenarios *self = (Scenarios *)object;
    long long k = PyLong_AsLongLong(tail);
    if (k == -1 && PyErr_Occurred()) return NULL;
    return tail_loss(self, self->pnl, 0.0, k);
}

static void add_units(Scenarios *self, const double *column, double units) {
    for (Py_ssize_t i = 0; i < self->scenarios; i++) self->pnl[i] += units * column[i];
    self->known = 0;
}

static PyObject *scenarios_fill(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    Scenarios *self = (Scenarios *)object;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "fill takes column, units");
        return NULL;
    }
    double *column = column_of(self, args[0]);
    if (!column) return NULL;
    double units = PyFloat_AsDouble(args[1]);
    if (PyErr_Occurred()) return NULL;
    add_units(self, column, units);
    Py_RETURN_NONE;
}

static PyObject *scenarios_hold(PyObject *object, PyObject *held) {
    Scenarios *self = (Scenarios *)object;
    Py_buffer units;
    if (PyObject_GetBuffer(held, &units, PyBUF_SIMPLE)) return NULL;
    int fits = units.len == self->columns * (Py_ssize_t)sizeof(double) && (uintptr_t)units.buf % sizeof(double) == 0;
    if (fits) {
        self->known = 0;
        memset(self->pnl, 0, (size_t)self->scenarios * sizeof(double));
        for (Py_ssize_t j = 0; j < self->columns; j++) {
            double u = ((const double *)units.buf)[j];
            if (u != 0.0) add_units(self, self->changes + j * self->scenarios, u);
        }
    } else {
        PyErr_Format(PyExc_ValueError, "holdings are %zd float64 numbers, one per column", self->columns);
    }
    PyBuffer_Release(&units);
    if (!fits) return NULL;
    Py_RETURN_NONE;
}

static PyObject *scenarios_pnl(PyObject *object, PyObject *Py_UNUSED(none)) {
    Scenarios *self = (Scenarios *)object;
    return PyBytes_FromStringAndSize((const char *)self->pnl, self->scenarios * (Py_ssize_t)sizeof(double));
}

static int is_tuple_type(PyObject *type) {
    return PyType_Check(type) && PyType_IsSubtype((PyTypeObject *)type, &PyTuple_Type);
}

static PyObject *scenarios_new(PyTypeObject *type, PyObject *args, PyObject *names) {
    static char *known[] = {"changes", "scenarios", "loss", "change", NULL};
    Py_buffer changes;
    Py_ssize_t count;
    PyObject *loss, *change;
    if (!PyArg_ParseTupleAndKeywords(args, names, "y*nOO", known, &changes, &count, &loss, &change)) return NULL;
    Scenarios *self = NULL;
    Py_ssize_t row = (Py_ssize_t)sizeof(double);
    if (!is_tuple_type(loss) || !is_tuple_type(change)) {
        PyErr_SetString(PyExc_TypeError, "loss and change are kinds of tuple");
    } else if (count < 2 || count > 1 << 24 || changes.len == 0 || changes.len % (count * row)) {
        PyErr_SetString(PyExc_ValueError, "changes are columns of float64, each of 2 to 2**24 scenarios");
    } else if ((self = (Scenarios *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0))) {
        Py_INCREF(loss);
        Py_INCREF(change);
        self->keep = keep_plain;
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx2")) self->keep = keep_avx2;
#endif
        self->new_tuple = (newfunc)PyType_GetSlot(&PyTuple_Type, Py_tp_new);
        self->loss = (PyTypeObject *)loss;
        self->change = (PyTypeObject *)change;
        self->scenarios = count;
        self->columns = changes.len / (count * row);
        self->pnl = PyMem_Calloc((size_t)count, sizeof(double));
        self->tail = PyMem_Calloc((size_t)count, sizeof(double));
        self->worst = PyMem_Calloc((size_t)count, sizeof(uint32_t));
        self->changes = PyMem_Malloc((size_t)changes.len);
        if (!self->pnl || !self->tail || !self->worst || !self->changes) {
            Py_DECREF(self);
            self = NULL;
            PyErr_NoMemory();
        } else {
            memcpy(self->changes, changes.buf, (size_t)changes.len);
        }
    }
    PyBuffer_Release(&changes);
    return (PyObject *)self;
}

static void scenarios_dealloc(PyObject *object) {
    Scenarios *self = (Scenarios *)object;
    PyTypeObject *type = Py_TYPE(object);
    Py_XDECREF((PyObject *)self->loss);
    Py_XDECREF((PyObject *)self->change);
    PyMem_Free(self->pnl);
    PyMem_Free(self->tail);
    PyMem_Free(self->worst);
    PyMem_Free(self->changes);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyMethodDef scenarios_methods[] = {
    {"what_if", (PyCFunction)(void (*)(void))scenarios_what_if, METH_FASTCALL,
     "what_if(column, units, tail, before): change(before, after trading units), or None; changes nothing."},
    {"loss", scenarios_loss, METH_O, "loss(tail): VaR and CVaR as it stands, or None."},
    {"fill", (PyCFunction)(void (*)(void))scenarios_fill, METH_FASTCALL, "fill(column, units): adds traded units."},
    {"hold", scenarios_hold, METH_O, "hold(units): sets the whole portfolio, one float64 per column."},
    {"pnl", scenarios_pnl, METH_NOARGS, "pnl(): the P&L per scenario as float64 bytes."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot scenarios_slots[] = {
    {Py_tp_doc, "Scenarios(changes, scenarios, loss, change): see desk/risk/scenarios.py."},
    {Py_tp_new, scenarios_new},
    {Py_tp_dealloc, scenarios_dealloc},
    {Py_tp_methods, scenarios_methods},
    {0, NULL},
};

static PyType_Spec scenarios_spec = {"desk._core.Scenarios", sizeof(Scenarios), 0, Py_TPFLAGS_DEFAULT, scenarios_slots};

static int add_scenarios(PyObject *module) {
    PyObject *type = PyType_FromSpec(&scenarios_spec);
    if (!type) return -1;
    int failed = PyModule_AddObjectRef(module, "Scenarios", type);
    Py_DECREF(type);
    return failed;
}
