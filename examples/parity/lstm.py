import sys

import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

dtype = getattr(torch, sys.argv[1] if len(sys.argv) > 1 else "float32")
torch.manual_seed(1)


class Tagger(nn.Module):
    """Says of each symbol of a sequence whether it has occurred before."""

    def __init__(self, symbols, hidden):
        super().__init__()
        self.embedding = nn.Embedding(symbols, 16)
        self.lstm = nn.LSTM(16, hidden, num_layers=2, dropout=0.1, bidirectional=True)
        self.output = nn.Linear(2 * hidden, 2)

    def forward(self, symbols, lengths):
        packed = pack_padded_sequence(self.embedding(symbols), lengths, enforce_sorted=False)
        hidden, _ = self.lstm(packed)
        padded, _ = pad_packed_sequence(hidden)
        return self.output(padded)


def batch():
    symbols = torch.randint(12, (12, 16))
    lengths = torch.randint(4, 13, (16,))
    lengths[0] = 12
    before = torch.ones(12, 12).tril(-1).unsqueeze(-1)
    seen = (symbols.unsqueeze(0).eq(symbols.unsqueeze(1)) * before).sum(1).gt(0).long()
    outside = torch.arange(12).unsqueeze(1).ge(lengths)
    return symbols, lengths, seen.masked_fill(outside, -100)


net = Tagger(12, 24).to(dtype)
optimizer = optim.AdamW(net.parameters(), lr=5e-3)
for step in range(100):
    symbols, lengths, targets = batch()
    loss = F.cross_entropy(net(symbols, lengths).flatten(0, 1), targets.flatten())
    optimizer.zero_grad()
    loss.backward()
    clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    print(f"{loss.item():.10f}")
