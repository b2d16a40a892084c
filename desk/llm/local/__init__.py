"""A model in a process of its own on this machine: weights fetched as hashed data, llama.cpp as a child process."""
