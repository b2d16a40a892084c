/* `desk._core`: the kernels as Python sees them. Limited API, one translation unit. */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "book.c"
#include "risk.c"
#include "graph.c"
#include "bars.c"

typedef struct {
    PyObject_HEAD
    Kernel kernel;
    int busy; /* a batch runs without the interpreter's lock */
} Engine;

/* Messages from which a batch lets go of the interpreter's lock: taking it back costs more than a few messages. */
enum { WORTH_LETTING_GO = 256 };

static int free_to_use(Engine *self) {
    if (!self->busy) return 1;
    PyErr_SetString(PyExc_RuntimeError, "the engine is in use by another thread");
    return 0;
}

static PyObject *engine_new(PyTypeObject *type, PyObject *args, PyObject *names) {
    static char *known[] = {"symbols", "orders", "pages", "accounts", "stp", "journal", NULL};
    long long symbols, orders, pages = 0, accounts = 0;
    int stp = STP_NEWEST, journal = 0;
    if (!PyArg_ParseTupleAndKeywords(args, names, "LL|LLip", known, &symbols, &orders, &pages, &accounts, &stp, &journal))
        return NULL;
    if (pages == 0) pages = 8 * symbols + 64;
    if (symbols < 1 || symbols > 65535 || orders < 1 || orders > 1 << 26 || pages < 1 || pages > 1 << 20 ||
        accounts < 0 || accounts > 65536 || (stp != STP_NEWEST && stp != STP_OLDEST)) {
        PyErr_SetString(PyExc_ValueError,
                        "an engine has 1 to 65,535 symbols, 1 to 2**26 orders, up to 2**20 pages and 65,536 accounts");
        return NULL;
    }
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Engine *self = (Engine *)alloc(type, 0);
    if (!self) return NULL;
    self->busy = 0;
    if (kernel_init(&self->kernel, (uint32_t)symbols, (uint32_t)orders, (uint32_t)pages, (uint32_t)accounts, stp)) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    self->kernel.journals = (uint8_t)journal;
    return (PyObject *)self;
}

static void engine_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    kernel_free(&((Engine *)object)->kernel);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *engine_run(PyObject *object, PyObject *args) {
    Engine *self = (Engine *)object;
    Py_buffer messages, statuses;
    if (!free_to_use(self) || !PyArg_ParseTuple(args, "y*w*", &messages, &statuses)) return NULL;
    size_t n = (size_t)messages.len / sizeof(Message);
    PyObject *result = NULL;
    if ((size_t)messages.len % sizeof(Message) || (size_t)statuses.len < n || (uintptr_t)messages.buf % 4) {
        PyErr_SetString(PyExc_ValueError, "messages are whole 32-byte records on a 4-byte boundary; one status byte each");
    } else {
        self->kernel.event_count = self->kernel.journal_count = 0;
        if (n < WORTH_LETTING_GO) {
            kernel_run(&self->kernel, messages.buf, n, statuses.buf);
        } else {
            self->busy = 1;
            Py_BEGIN_ALLOW_THREADS
            kernel_run(&self->kernel, messages.buf, n, statuses.buf);
            Py_END_ALLOW_THREADS
            self->busy = 0;
        }
        result = PyLong_FromSize_t(self->kernel.event_count);
    }
    PyBuffer_Release(&messages);
    PyBuffer_Release(&statuses);
    return result;
}

/* The integers of a call into v; 0 when one lies outside 0..most, -1 with an exception set when one is none. */
static int whole(PyObject *const *args, Py_ssize_t count, const long long *most, long long *v) {
    int fits = 1, overflow;
    for (Py_ssize_t i = 0; i < count; i++) {
        v[i] = PyLong_AsLongLongAndOverflow(args[i], &overflow);
        if (v[i] == -1 && PyErr_Occurred()) return -1;
        if (overflow || v[i] < 0 || v[i] > most[i]) fits = 0;
    }
    return fits;
}

#include "stream.c"

/* submit(id, symbol, account, side, price, qty, type=LIMIT, tif=GTC): one plain order, plain integers. */
static PyObject *engine_submit(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    Engine *self = (Engine *)object;
    if (!free_to_use(self)) return NULL;
    if (count < 6 || count > 8) {
        PyErr_SetString(PyExc_TypeError, "submit takes id, symbol, account, side, price, qty[, type[, tif]]");
        return NULL;
    }
    long long v[8] = {0};
    static const long long most[8] = {0xffffffffll, 0xffff, 0xffff, 0xff, INT32_MAX, INT32_MAX, 0xff, 0xff};
    int fits = whole(args, count, most, v);
    if (fits < 0) return NULL;
    self->kernel.event_count = self->kernel.journal_count = 0;
    if (!fits) return PyLong_FromLong(MALFORMED);
    Message m = {.op = OP_NEW, .side = (uint8_t)v[3], .type = (uint8_t)v[6], .tif = (uint8_t)v[7],
                 .symbol = (uint16_t)v[1], .account = (uint16_t)v[2], .id = (uint32_t)v[0], .price = (int32_t)v[4],
                 .qty = (int32_t)v[5]};
    return PyLong_FromLong(kernel_step(&self->kernel, &m));
}

static PyObject *engine_cancel(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    Engine *self = (Engine *)object;
    if (!free_to_use(self)) return NULL;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "cancel takes id, account");
        return NULL;
    }
    static const long long most[2] = {0xffffffffll, 0xffff};
    long long v[2];
    int fits = whole(args, count, most, v);
    if (fits < 0) return NULL;
    self->kernel.event_count = self->kernel.journal_count = 0;
    if (!fits) return PyLong_FromLong(MALFORMED);
    Message m = {.op = OP_CANCEL, .id = (uint32_t)v[0], .account = (uint16_t)v[1]};
    return PyLong_FromLong(kernel_step(&self->kernel, &m));
}

static PyObject *taken(Engine *self, const void *from, size_t bytes) {
    if (!free_to_use(self)) return NULL;
    if (self->kernel.lost) return PyErr_NoMemory();
    return PyBytes_FromStringAndSize(from ? from : "", (Py_ssize_t)bytes);
}

static PyObject *engine_events(PyObject *object, PyObject *Py_UNUSED(none)) {
    Engine *self = (Engine *)object;
    return taken(self, self->kernel.events, self->kernel.event_count * sizeof(Event));
}

static PyObject *engine_journal(PyObject *object, PyObject *Py_UNUSED(none)) {
    Engine *self = (Engine *)object;
    return taken(self, self->kernel.journal, self->kernel.journal_count * sizeof(Record));
}

/* drain(ring, at) -> where the next record goes: the records of the last call, round and round. */
static PyObject *engine_drain(PyObject *object, PyObject *args) {
    Engine *self = (Engine *)object;
    Py_buffer ring;
    Py_ssize_t at;
    if (!free_to_use(self) || !PyArg_ParseTuple(args, "w*n", &ring, &at)) return NULL;
    Py_ssize_t size = ring.len, left = (Py_ssize_t)(self->kernel.journal_count * sizeof(Record));
    PyObject *result = NULL;
    if (size == 0 || size % (Py_ssize_t)sizeof(Record) || at < 0 || at >= size) {
        PyErr_SetString(PyExc_ValueError, "a ring is a positive number of whole 32-byte records, and `at` lies in it");
    } else {
        const char *from = (const char *)self->kernel.journal;
        while (left > 0) {
            Py_ssize_t part = left < size - at ? left : size - at;
            memcpy((char *)ring.buf + at, from, (size_t)part);
            from += part;
            left -= part;
            at = (at + part) % size;
        }
        result = PyLong_FromSsize_t(at);
    }
    PyBuffer_Release(&ring);
    return result;
}

static PyObject *engine_limit(PyObject *object, PyObject *args) {
    Engine *self = (Engine *)object;
    long long account, lots, notional, position;
    if (!free_to_use(self) || !PyArg_ParseTuple(args, "LLLL", &account, &lots, &notional, &position)) return NULL;
    if (account < 0 || account >= self->kernel.account_count || lots < 0 || notional < 0 || position < 0) {
        PyErr_SetString(PyExc_ValueError, "limits are for an account of this engine and not below 0");
        return NULL;
    }
    self->kernel.limits[account] = (Limits){lots, notional, position};
    Py_RETURN_NONE;
}

static PyObject *engine_position(PyObject *object, PyObject *args) {
    Engine *self = (Engine *)object;
    long long account, symbol;
    if (!free_to_use(self) || !PyArg_ParseTuple(args, "LL", &account, &symbol)) return NULL;
    if (account < 0 || account >= self->kernel.account_count || symbol < 0 || symbol >= self->kernel.symbol_count) {
        PyErr_SetString(PyExc_ValueError, "no such account or symbol in this engine");
        return NULL;
    }
    return PyLong_FromLongLong(held_of(&self->kernel, (uint32_t)account, (uint32_t)symbol)->position);
}

static PyObject *engine_hash(PyObject *object, PyObject *Py_UNUSED(none)) {
    Engine *self = (Engine *)object;
    if (!free_to_use(self)) return NULL;
    return PyLong_FromUnsignedLongLong(kernel_hash(&self->kernel));
}

static PyObject *engine_live(PyObject *object, void *Py_UNUSED(none)) {
    return PyLong_FromUnsignedLong(live_orders(&((Engine *)object)->kernel));
}

/* depth(symbol, side, levels) -> [(price, shown lots)], best first */
static PyObject *engine_depth(PyObject *object, PyObject *args) {
    Engine *self = (Engine *)object;
    long long symbol, side, most;
    if (!free_to_use(self) || !PyArg_ParseTuple(args, "LLL", &symbol, &side, &most)) return NULL;
    if (symbol < 0 || symbol >= self->kernel.symbol_count || side < BUY || side > SELL || most < 0) {
        PyErr_SetString(PyExc_ValueError, "no such symbol or side in this engine, or fewer than 0 levels");
        return NULL;
    }
    PyObject *levels = PyList_New(0);
    Map *map = &self->kernel.symbols[symbol].maps[side];
    for (uint32_t s = map->best_row; levels && s != NONE && most; most--) {
        long long lots = 0;
        int32_t key = key_at(&self->kernel, s);
        for (uint32_t r = self->kernel.rows[s].next; r != s; r = self->kernel.rows[r].next) {
            lots += self->kernel.rows[r].qty;
        }
        PyObject *pair = Py_BuildValue("(iL)", price_of((int)side, key), lots);
        if (!pair || PyList_Append(levels, pair)) Py_CLEAR(levels);
        Py_XDECREF(pair);
        s = worse_level(&self->kernel, s);
    }
    return levels;
}

static PyMethodDef engine_methods[] = {
    {"run", engine_run, METH_VARARGS, "run(messages, statuses): a batch of 32-byte records; returns the number of events."},
    {"submit", (PyCFunction)(void (*)(void))engine_submit, METH_FASTCALL,
     "submit(id, symbol, account, side, price, qty[, type[, tif]]): one order; returns its status."},
    {"cancel", (PyCFunction)(void (*)(void))engine_cancel, METH_FASTCALL, "cancel(id, account): returns the status."},
    {"events", engine_events, METH_NOARGS, "events(): the events of the last call, 24 bytes each."},
    {"journal", engine_journal, METH_NOARGS, "journal(): the records of the last call, 32 bytes each."},
    {"drain", engine_drain, METH_VARARGS, "drain(ring, at): copies the records of the last call; returns the next place."},
    {"limit", engine_limit, METH_VARARGS, "limit(account, lots, notional, position): pre-trade limits of an account."},
    {"position", engine_position, METH_VARARGS, "position(account, symbol): lots held."},
    {"depth", engine_depth, METH_VARARGS, "depth(symbol, side, levels): [(price, lots shown)], best first."},
    {"state_hash", engine_hash, METH_NOARGS, "state_hash(): one number for the whole state."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef engine_members[] = {
    {"live", engine_live, NULL, "Orders that wait.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot engine_slots[] = {
    {Py_tp_doc, "Engine(symbols, orders, pages=0, accounts=0, stp=0, journal=False): see desk/trading/matching.py."},
    {Py_tp_new, engine_new},
    {Py_tp_dealloc, engine_dealloc},
    {Py_tp_methods, engine_methods},
    {Py_tp_getset, engine_members},
    {0, NULL},
};

static PyType_Spec engine_spec = {"desk._core.Engine", sizeof(Engine), 0, Py_TPFLAGS_DEFAULT, engine_slots};

static int module_exec(PyObject *module) {
    crc_prepare();
    PyObject *type = PyType_FromSpec(&engine_spec);
    if (!type) return -1;
    int failed = PyModule_AddObjectRef(module, "Engine", type);
    Py_DECREF(type);
    if (!failed) failed = add_scenarios(module);
    return failed ? failed : add_stream(module);
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};
static PyMethodDef module_methods[] = {
    {"rank_rows", graph_rank, METH_VARARGS,
     "rank_rows(starts, sources, slots, shares, damping, iterations, ranks): PageRank, see desk/fraud/measures.py."},
    {"cross", bars_cross, METH_VARARGS,
     "cross(ticks, wealth, instruments, fast, slow, cash, fee): crossing averages, see desk/backtest/bars.py."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_core",
    .m_doc = "Native kernels; each has a readable twin.",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&module_def); }
